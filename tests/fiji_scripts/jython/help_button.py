#@ ScriptService scripts
#@ String path
#@output String page
# Presses the Help button of a script as its dialog does, returns what the page says, and closes it.
from ij.gui import HTMLDialog
from java.awt import EventQueue, Window
from java.io import File
from java.lang import Thread

module = scripts.getScript(File(path)).createModule()
module.setContext(scripts.getContext())
button = module.getInfo().getInput("help")
EventQueue.invokeLater(lambda: button.callback(module))
pages = []
for _ in range(2400):
    pages = [w for w in Window.getWindows() if isinstance(w, HTMLDialog) and w.isShowing()]
    if pages:
        break
    Thread.sleep(50)
pane = pages[0].getContentPane().getComponent(0).getViewport().getView()
page = u" ".join(pane.getDocument().getText(0, pane.getDocument().getLength()).split())
# In AWT's thread, which is the page's own until it waits: closed before, it would wait for ever.
EventQueue.invokeAndWait(pages[0].dispose)
