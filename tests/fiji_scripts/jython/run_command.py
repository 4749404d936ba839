#@ ImagePlus imp
#@ String command
# Runs a command on an image with a selection of 20 x 20 pixels, which is gone after that.
from ij import IJ

imp.setRoi(0, 0, 20, 20)
IJ.run(imp, command, "")
imp.deleteRoi()
