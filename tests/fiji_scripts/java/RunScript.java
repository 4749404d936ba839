import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import javax.script.ScriptEngine;

import org.scijava.Context;
import org.scijava.MenuPath;
import org.scijava.app.StatusService;
import org.scijava.module.ModuleItem;
import org.scijava.plugin.PluginInfo;
import org.scijava.plugin.PluginService;
import org.scijava.script.AdaptedScriptLanguage;
import org.scijava.script.ScriptInfo;
import org.scijava.script.ScriptLanguage;
import org.scijava.script.ScriptModule;
import org.scijava.script.ScriptService;

/**
 * Runs SciJava scripts in a real SciJava context, as Fiji does.
 *
 * <p>Reads commands from the standard input, one on a line, tab-separated:
 * {@code list}, or {@code run SCRIPT KEY=VALUE ...}. Answers with lines, then a line {@code .}.
 */
public final class RunScript {

    /** Jython under the file ending py, as Fiji's scripting-jython has it. */
    public static final class Jython extends AdaptedScriptLanguage {
        public Jython() {
            super("jython");
        }

        @Override
        public String getLanguageName() {
            return "Python (Jython)";
        }

        @Override
        public List<String> getExtensions() {
            return List.of("py");
        }

        @Override
        public List<String> getNames() {
            return List.of("Python (Jython)", "jython", "py");
        }

        @Override
        public Object decode(final Object value) {
            return value;
        }
    }

    private RunScript() {
    }

    public static void main(final String[] args) throws Exception {
        System.setErr(new java.io.PrintStream(System.err, true, StandardCharsets.UTF_8));
        net.imagej.patcher.LegacyInjector.preinit();
        System.setProperty("scijava.app.directory", args[0]);
        try (Context context = new Context(ScriptService.class, PluginService.class,
            StatusService.class)) {
            context.service(PluginService.class).addPlugin(
                new PluginInfo<>(Jython.class, ScriptLanguage.class));
            final ScriptService scripts = context.service(ScriptService.class);
            // imagej-legacy gives these two their short names.
            scripts.addAlias(ij.ImagePlus.class);
            scripts.addAlias(ij.measure.ResultsTable.class);
            scripts.addScriptDirectory(new File(args[0], "scripts"));
            final BufferedReader in = new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.UTF_8));
            final java.io.PrintStream out =
                new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8);
            // What scripts print goes to the error stream, away from the answers.
            System.setOut(System.err);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                final String[] words = line.split("\t", -1);
                if (words[0].equals("list")) {
                    list(scripts, out);
                } else {
                    run(scripts, words, out);
                }
                out.println(".");
            }
        }
        System.exit(0);
    }

    private static void list(final ScriptService scripts, final java.io.PrintStream out) {
        for (final ScriptInfo info : scripts.getScripts()) {
            info.inputs(); // reads the #@ lines
            out.println(info.getMenuPath().getMenuString() + "\t" + info.getLabel() + "\t"
                + info.canRunHeadless() + "\t" + info.getLanguage());
            for (final ModuleItem<?> item : info.inputs()) {
                out.println("\t" + item.getName() + "\t" + item.getLabel() + "\t"
                    + item.getType().getName() + "\t" + item.getDefaultValue() + "\t"
                    + item.isRequired() + "\t" + item.isPersisted());
            }
        }
    }

    private static void run(final ScriptService scripts, final String[] words,
        final java.io.PrintStream out) throws Exception
    {
        final Map<String, Object> inputs = new HashMap<>();
        for (int i = 2; i < words.length; i++) {
            final int at = words[i].indexOf('=');
            final String text = words[i].substring(at + 1);
            final String name = words[i].substring(0, at);
            inputs.put(name, name.equals("imp") ? open(text) : text);
        }
        try {
            final File file = new File(words[1]);
            final ScriptModule module = (file.isFile() ? scripts.run(file, true, inputs)
                // A script that lies in a jar, by its place in the menu.
                : scripts.run(inMenu(scripts, words[1]), true, inputs)).get();
            for (final Map.Entry<String, Object> output : module.getOutputs().entrySet()) {
                for (final String line : text(output.getValue()).split("\n")) {
                    out.println(output.getKey() + "\t" + line);
                }
            }
            // Outputs that the script has shown itself, so that SciJava does not.
            final TreeSet<String> resolved = new TreeSet<>();
            for (final String name : module.getOutputs().keySet()) {
                if (module.isOutputResolved(name)) {
                    resolved.add(name);
                }
            }
            if (!resolved.isEmpty()) {
                out.println("!resolved\t" + String.join(",", resolved));
            }
        } catch (final Exception error) {
            Throwable cause = error;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            out.println("!\t" + cause);
        }
    }

    private static ScriptInfo inMenu(final ScriptService scripts, final String path) {
        final String label = new File(path).getName().replace(".py", "").replace('_', ' ');
        return scripts.getScripts().stream()
            .filter(info -> info.getMenuPath().getMenuString().endsWith("RHI > " + label))
            .findFirst().orElseThrow();
    }

    /** The image of the last run; {@code imp=front} takes it again. */
    private static ij.ImagePlus front;

    private static ij.ImagePlus open(final String path) {
        if (!path.equals("front")) {
            front = path.isEmpty() ? new ij.ImagePlus() : ij.IJ.openImage(path);
        }
        return front;
    }

    private static String text(final Object value) {
        if (value instanceof ij.measure.ResultsTable) {
            final ij.measure.ResultsTable table = (ij.measure.ResultsTable) value;
            final StringBuilder rows = new StringBuilder(table.getColumnHeadings());
            for (int i = 0; i < table.size(); i++) {
                rows.append('\n').append(table.getRowAsString(i));
            }
            return rows.toString();
        }
        return String.valueOf(value);
    }
}
