import ij.IJ;
import ij.ImageJ;
import ij.gui.ImageCanvas;
import ij.gui.Toolbar;
import java.awt.AWTEvent;
import java.awt.Button;
import java.awt.Checkbox;
import java.awt.Choice;
import java.awt.Component;
import java.awt.Container;
import java.awt.Dialog;
import java.awt.EventQueue;
import java.awt.Frame;
import java.awt.KeyboardFocusManager;
import java.awt.Label;
import java.awt.Point;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.TextComponent;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.event.ActionEvent;
import java.awt.event.KeyEvent;
import java.awt.event.WindowEvent;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.OutputStreamWriter;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import javax.swing.JButton;
import javax.swing.JEditorPane;
import javax.swing.JLabel;
import javax.swing.text.BadLocationException;
import javax.swing.text.JTextComponent;
import javax.swing.text.html.HTML;
import javax.swing.text.html.HTMLDocument;

/**
 * Starts ImageJ's own main and does what the tests ask for over a socket: run a macro, tell what
 * dialogs showed, press their buttons, list windows, take a picture.
 *
 * A request is a line of words, texts in base64; an answer is the request's number and such words.
 */
public class ImageJDriver {
    static final List<String> shown = Collections.synchronizedList(new ArrayList<>());
    static final AtomicInteger keys = new AtomicInteger();
    static volatile String press = "";
    static final int STACK_FRAMES = 25;
    static final long ASKED_NANOSECONDS = 20_000_000_000L;
    static PrintWriter out;

    public static void main(String[] args) throws Exception {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        BufferedReader in = new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        out = new PrintWriter(
            new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8), true);
        Toolkit.getDefaultToolkit().addAWTEventListener(
            event -> {
                if (event.getID() == WindowEvent.WINDOW_OPENED && event.getSource() instanceof Dialog)
                    opened((Dialog) event.getSource());
            },
            AWTEvent.WINDOW_EVENT_MASK);
        Toolkit.getDefaultToolkit().addAWTEventListener(
            event -> {
                if (event.getID() == KeyEvent.KEY_PRESSED) keys.incrementAndGet();
            },
            AWTEvent.KEY_EVENT_MASK);
        String[] rest = new String[args.length - 1];
        System.arraycopy(args, 1, rest, 0, rest.length);
        ImageJ.main(rest);
        // A dialog swallows the release of the click that opened it, and ImageJ runs a tool once more
        // where it sees none in 600 ms: a test has answered by then, a person has not.
        Toolbar.setLongClickDelay(0);
        answer("0", "ready");
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.split(" ");
            try {
                serve(words);
            } catch (Exception error) {
                answer(words[0], "error", encode(error.toString()));
            }
        }
        System.exit(0);
    }

    static void serve(String[] words) throws Exception {
        String number = words[0];
        switch (words[1]) {
            case "macro":
                String code = decode(words, 2), argument = decode(words, 3);
                // ImageJ runs commands in threads of this name; options are kept for them alone.
                Thread thread = new Thread(() -> {
                    String result = IJ.runMacro(code, argument);
                    answer(number, result == null ? "null" : "text", encode(result));
                }, "Run$_rig");
                thread.start();
                break;
            case "press":
                press = decode(words, 2);
                answer(number, "ok");
                break;
            case "push":
                waitUntilAsked();
                answer(number, push(decode(words, 2)) ? "ok" : "none");
                break;
            case "shown":
                synchronized (shown) {
                    answer(number, "list", encodeAll(shown));
                    shown.clear();
                }
                break;
            case "windows":
                List<String> windows = new ArrayList<>();
                for (Window window : Window.getWindows())
                    if (window.isShowing()) windows.add(titleOf(window));
                answer(number, "list", encodeAll(windows));
                break;
            case "dialogs":
                waitUntilAsked();
                List<String> dialogs = new ArrayList<>();
                for (Dialog dialog : dialogs()) dialogs.add(textOf(dialog));
                answer(number, "list", encodeAll(dialogs));
                break;
            case "idle":
                long end = System.nanoTime() + ASKED_NANOSECONDS;
                while (macroRuns() && System.nanoTime() < end) Thread.sleep(10);
                answer(number, macroRuns() ? "none" : "ok");
                break;
            case "stacks":
                List<String> stacks = new ArrayList<>();
                Thread.getAllStackTraces().forEach((running, frames) -> {
                    if (frames.length > 0)
                        stacks.add(running.getName() + " " + running.getState() + "\n  "
                            + Arrays.stream(frames).limit(STACK_FRAMES).map(String::valueOf)
                                .collect(Collectors.joining("\n  ")));
                });
                answer(number, "list", encodeAll(stacks));
                break;
            case "picture":
                Rectangle screen = new Rectangle(Toolkit.getDefaultToolkit().getScreenSize());
                ImageIO.write(
                    new Robot().createScreenCapture(screen), "png", new File(decode(words, 2)));
                answer(number, "ok");
                break;
            case "text":
                String wanted = decode(words, 2), found = "";
                for (Window window : Window.getWindows())
                    if (window.isShowing() && titleOf(window).equals(wanted)) found = textOf(window);
                answer(number, "list", encode(found));
                break;
            case "canvas":
                ImageCanvas canvas = IJ.getImage().getCanvas();
                Rectangle seen = canvas.getSrcRect();
                answer(number, "list", encodeAll(List.of(
                    placeOf(canvas), seen.x + " " + seen.y + " " + canvas.getMagnification())));
                break;
            case "focus":
                Window focused = KeyboardFocusManager.getCurrentKeyboardFocusManager().getFocusedWindow();
                boolean isImage = focused != null && focused == IJ.getImage().getWindow();
                answer(number, "list", encodeAll(List.of(isImage ? "image" : "other", "" + keys.get())));
                break;
            case "link":
                List<String> links = new ArrayList<>();
                for (Dialog page : dialogs()) addLinks(page, decode(words, 2), links);
                answer(number, "list", encodeAll(links));
                break;
            case "toolbar":
                answer(number, "list", encode(placeOf(Toolbar.getInstance())));
                break;
            case "status":
                answer(number, "list", encode(textIn(IJ.getInstance().getStatusBar())));
                break;
            default:
                answer(number, "error", encode("unknown request " + words[1]));
        }
    }

    /** Notes what a dialog says and, where asked to, presses one of its buttons. */
    static void opened(Dialog dialog) {
        shown.add(textOf(dialog));
        String label = press;
        if (label.isEmpty()) return;
        // Not in the events' own thread, which has to go on for the dialog to begin to wait.
        new Thread(() -> {
            waitUntilAsked();
            EventQueue.invokeLater(() -> {
                if (dialog.isShowing() && !pushIn(dialog, label)) dialog.dispose();
            });
        }).start();
    }

    static List<Dialog> dialogs() {
        List<Dialog> found = new ArrayList<>();
        for (Window window : Window.getWindows())
            if (window.isShowing() && window instanceof Dialog) found.add((Dialog) window);
        return found;
    }

    /**
     * Waits until each modal dialog that shows waits for its answer.
     *
     * Dialog.show makes it visible first and begins to wait after that; what is closed in between
     * waits for ever. A person is slower than that, a test on a busy machine is not.
     */
    static void waitUntilAsked() {
        long end = System.nanoTime() + ASKED_NANOSECONDS;
        while (dialogs().stream().filter(Dialog::isModal).count() > loops() && System.nanoTime() < end) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException error) {
                return;
            }
        }
    }

    /** Loops of events that dialogs wait in, each inside the one before. */
    static long loops() {
        return Thread.getAllStackTraces().entrySet().stream()
            .filter(entry -> entry.getKey().getName().startsWith("AWT-EventQueue"))
            .flatMap(entry -> Arrays.stream(entry.getValue()))
            .filter(frame -> frame.getClassName().startsWith("java.awt.WaitDispatchSupport$")
                && frame.getMethodName().equals("run"))
            .count();
    }

    /**
     * Whether a thread runs a macro. Interpreter.getInstance keeps one that has ended where two
     * macros overlapped, since each puts back the one that ran when it began.
     */
    static boolean macroRuns() {
        return Thread.getAllStackTraces().values().stream()
            .flatMap(Arrays::stream)
            .anyMatch(frame -> frame.getClassName().equals("ij.macro.Interpreter"));
    }

    static boolean push(String label) {
        List<Dialog> newestFirst = dialogs(); // a page of help lies over the dialog that opened it
        Collections.reverse(newestFirst);
        for (Dialog dialog : newestFirst) if (pushIn(dialog, label)) return true;
        return false;
    }

    static boolean pushIn(Container container, String label) {
        for (Component part : container.getComponents()) {
            if (part instanceof Button && ((Button) part).getLabel().trim().equals(label)) {
                Button button = (Button) part;
                ActionEvent event =
                    new ActionEvent(button, ActionEvent.ACTION_PERFORMED, button.getActionCommand());
                EventQueue.invokeLater(() -> button.dispatchEvent(event));
                return true;
            }
            if (part instanceof Checkbox && ((Checkbox) part).getLabel().equals(label)) {
                Checkbox box = (Checkbox) part;
                EventQueue.invokeLater(() -> box.setState(!box.getState()));
                return true;
            }
            if (part instanceof Choice) {
                Choice choice = (Choice) part;
                for (int i = 0; i < choice.getItemCount(); i++) {
                    if (!choice.getItem(i).equals(label)) continue;
                    int chosen = i;
                    EventQueue.invokeLater(() -> choice.select(chosen));
                    return true;
                }
            }
            if (part instanceof JButton && ((JButton) part).getText().trim().equals(label)) {
                EventQueue.invokeLater(((JButton) part)::doClick);
                return true;
            }
            if (part instanceof Container && pushIn((Container) part, label)) return true;
        }
        return false;
    }

    static String titleOf(Window window) {
        if (window instanceof Frame) return ((Frame) window).getTitle();
        return window instanceof Dialog ? ((Dialog) window).getTitle() : "";
    }

    static String textOf(Window window) {
        StringBuilder text = new StringBuilder(titleOf(window));
        addText(window, text);
        return text.toString();
    }

    /** Where a part of a window lies on the screen: left, top, width, height. */
    static String placeOf(Component part) {
        Point at = part.getLocationOnScreen();
        return at.x + " " + at.y + " " + part.getWidth() + " " + part.getHeight();
    }

    /** Where links to an address lie on the screen: left and top of their middle. */
    static void addLinks(Container container, String address, List<String> found)
        throws BadLocationException
    {
        for (Component part : container.getComponents()) {
            if (part instanceof JEditorPane) {
                JEditorPane page = (JEditorPane) part;
                HTMLDocument.Iterator links =
                    ((HTMLDocument) page.getDocument()).getIterator(HTML.Tag.A);
                for (; links.isValid(); links.next()) {
                    if (!address.equals(links.getAttributes().getAttribute(HTML.Attribute.HREF)))
                        continue;
                    int middle = (links.getStartOffset() + links.getEndOffset()) / 2;
                    Rectangle box = page.modelToView2D(middle).getBounds();
                    Point at = page.getLocationOnScreen();
                    found.add((at.x + box.x) + " " + (at.y + box.y + box.height / 2));
                }
            } else if (part instanceof Container) addLinks((Container) part, address, found);
        }
    }

    static String textIn(Container container) {
        StringBuilder text = new StringBuilder();
        addText(container, text);
        return text.toString().trim();
    }

    static void addText(Container container, StringBuilder text) {
        for (Component part : container.getComponents()) {
            String said = "";
            if (part instanceof Label) said = ((Label) part).getText();
            else if (part instanceof JLabel) said = ((JLabel) part).getText();
            else if (part instanceof TextComponent) said = ((TextComponent) part).getText();
            else if (part instanceof JTextComponent) said = documentOf((JTextComponent) part);
            else if (part instanceof Checkbox)
                said = (((Checkbox) part).getState() ? "[x] " : "[ ] ") + ((Checkbox) part).getLabel();
            else if (part instanceof Choice) said = ((Choice) part).getSelectedItem();
            else if (part instanceof Button) said = "<" + ((Button) part).getLabel().trim() + ">";
            else if (part.getClass().getName().endsWith("MultiLineLabel")) said = linesOf(part);
            if (said != null && !said.isEmpty()) text.append('\n').append(said);
            if (part instanceof Container) addText((Container) part, text);
        }
    }

    /** What a page shows, without its tags. */
    static String documentOf(JTextComponent page) {
        try {
            return page.getDocument().getText(0, page.getDocument().getLength()).trim();
        } catch (BadLocationException error) {
            return error.toString();
        }
    }

    /** ImageJ's label of several lines has no public text. */
    static String linesOf(Component label) {
        try {
            Field field = label.getClass().getDeclaredField("lines");
            field.setAccessible(true);
            Object lines = field.get(label);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < Array.getLength(lines); i++) {
                Object line = Array.get(lines, i);
                if (line != null) text.append(i > 0 ? "\n" : "").append(line);
            }
            return text.toString();
        } catch (ReflectiveOperationException error) {
            return error.toString();
        }
    }

    static synchronized void answer(String number, String... words) {
        out.println(number + " " + String.join(" ", words));
    }

    static String encodeAll(List<String> texts) {
        List<String> coded = new ArrayList<>();
        for (String text : texts) coded.add(encode(text));
        return String.join(" ", coded);
    }

    static String encode(String text) {
        byte[] bytes = (text == null ? "" : text).getBytes(StandardCharsets.UTF_8);
        return "=" + Base64.getEncoder().encodeToString(bytes);
    }

    static String decode(String[] words, int index) {
        if (index >= words.length) return "";
        byte[] bytes = Base64.getDecoder().decode(words[index].substring(1));
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
