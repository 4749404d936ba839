// ImageJ's own batch: measures every ROI of every TIFF of a folder, all measurements on.
// Argument: the folder. Run by `-batch`, where "Measure" writes each row to standard output;
// of the ways tried (Results window, Multi Measure, List.setMeasurements) this is the fastest.
folder = getArgument() + File.separator;
setBatchMode(true);
run("Set Measurements...", "area mean standard modal min centroid center perimeter bounding fit shape feret's integrated median skewness kurtosis area_fraction stack display redirect=None decimal=9");
files = getFileList(folder);
for (i = 0; i < files.length; i++) {
	if (endsWith(files[i], ".tif")) {
		open(folder + files[i]);
		roiManager("reset");
		roiManager("open", folder + replace(files[i], ".tif", ".zip"));
		roiManager("measure");
		close();
	}
}
