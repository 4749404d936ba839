// What a macro author writes in a few lines: RHI of every slice of a folder. Argument: the folder.
folder = getArgument() + "/";
setBatchMode(true);
files = getFileList(folder);
text = "Image,RHI\n";
for (i = 0; i < files.length; i++) {
	if (!endsWith(files[i], ".tif")) continue;
	open(folder + files[i]);
	roiManager("reset");
	roiManager("open", folder + replace(files[i], ".tif", ".zip"));
	roiManager("select", 0);
	getStatistics(cord);
	high = 0;
	if (roiManager("count") > 1) {
		roiManager("select", 1);
		getStatistics(high);
	}
	text = text + files[i] + "," + 100 * high / cord + "\n";
	close();
}
File.saveString(text, folder + "plain.csv");
