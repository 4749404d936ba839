#@ ImagePlus imp
# Makes an image one as Bio-Formats opens a DICOM file: lengths in micrometres, tags as its info.
calibration = imp.getCalibration()
calibration.pixelWidth *= 1000
calibration.pixelHeight *= 1000
calibration.setUnit("micron")
imp.setProperty("Info", "0008,0018 SOP Instance UID = 1.2.3\n0028,0010 Rows = 48\n")
