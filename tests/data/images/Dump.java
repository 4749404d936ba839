import ij.*;
import ij.io.Opener;
import ij.measure.Calibration;
import ij.process.*;
import java.io.*;
import java.util.*;
import java.util.zip.CRC32;

/** Opens each file with ImageJ and prints what it holds, one JSON object for each line. */
public class Dump {
	static String list(double[] values) {
		return values==null ? "[]" : Arrays.toString(values);
	}

	static String quote(String text) {
		StringBuilder out = new StringBuilder("\"");
		for (char c : text.toCharArray())
			out.append(c<32||c>126||c=='"'||c=='\\' ? String.format("\\u%04x", (int)c) : ""+c);
		return out.append('"').toString();
	}

	/** CRC-32 of the plane: big-endian bytes, shorts or float bits; RGB is ImageJ's own grey. */
	static long crc(ImageProcessor ip) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		DataOutputStream out = new DataOutputStream(bytes);
		for (int y=0; y<ip.getHeight(); y++)
			for (int x=0; x<ip.getWidth(); x++) {
				if (ip instanceof ByteProcessor) out.writeByte(ip.get(x, y));
				else if (ip instanceof ShortProcessor) out.writeShort(ip.get(x, y));
				else if (ip instanceof FloatProcessor) out.writeInt(Float.floatToIntBits(ip.getf(x, y)));
				else {
					ip.setRoi(x, y, 1, 1);
					int[] histogram = ip.getHistogram();
					int v = 0;
					while (histogram[v]==0) v++;
					out.writeByte(v);
				}
			}
		return sum(bytes);
	}

	/** CRC-32 of the values from which moments are taken, float bits. */
	static long momentsCrc(ImageProcessor ip) throws IOException {
		ip.setCalibrationTable(null);
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		DataOutputStream out = new DataOutputStream(bytes);
		for (int y=0; y<ip.getHeight(); y++)
			for (int x=0; x<ip.getWidth(); x++)
				out.writeInt(Float.floatToIntBits(ip.getPixelValue(x, y)));
		return sum(bytes);
	}

	static long sum(ByteArrayOutputStream bytes) {
		CRC32 crc = new CRC32();
		crc.update(bytes.toByteArray());
		return crc.getValue();
	}

	public static void main(String[] args) throws Exception {
		String[] names = new File(args[0]).list();
		Arrays.sort(names);
		for (String name : names) {
			if (!name.matches(".*[.](tif|png|dcm|jpg|zip)")) continue;
			ImagePlus imp = null;
			try { imp = new Opener().openImage(args[0]+"/"+name); }
			catch (RuntimeException e) { System.err.println(name+": "+e); }
			if (imp==null) { System.out.println("{\"file\": "+quote(name)+", \"opened\": false}"); continue; }
			Calibration cal = imp.getCalibration();
			StringBuilder planes = new StringBuilder();
			ImageProcessor first = imp.getProcessor();
			double min = first.getMin(), max = first.getMax();
			for (int i=1; i<=imp.getStackSize(); i++)
				planes.append(i>1?", ":"").append(crc(imp.getStack().getProcessor(i)));
			float[] table = cal.calibrated() ? cal.getCTable() : null;
			StringBuilder t = new StringBuilder("null");
			if (table!=null) {
				ByteArrayOutputStream bytes = new ByteArrayOutputStream();
				DataOutputStream out = new DataOutputStream(bytes);
				for (float v : table) out.writeInt(Float.floatToIntBits(v));
				t = new StringBuilder(""+sum(bytes));
				if (args.length>1) try (FileOutputStream f = new FileOutputStream(args[1]+"/"+name+".table")) { bytes.writeTo(f); }
			}
			String kind = imp.getBitDepth()==24 ? "RGB" : imp.getBitDepth()+"-bit";
			System.out.println("{\"file\": "+quote(name)+", \"opened\": true, \"kind\": "+quote(kind)
				+", \"width\": "+imp.getWidth()+", \"height\": "+imp.getHeight()+", \"n_slices\": "+imp.getStackSize()
				+", \"dimensions\": ["+imp.getNChannels()+", "+imp.getNSlices()+", "+imp.getNFrames()+"]"
				+", \"pixel_width\": "+cal.pixelWidth+", \"pixel_height\": "+cal.pixelHeight+", \"pixel_depth\": "+cal.pixelDepth
				+", \"unit\": "+quote(cal.getUnit())+", \"x_origin\": "+cal.xOrigin+", \"y_origin\": "+cal.yOrigin
				+", \"z_origin\": "+cal.zOrigin+", \"invert_y\": "+cal.getInvertY()+", \"function\": "+cal.getFunction()
				+", \"coefficients\": "+list(cal.getCoefficients())+", \"value_unit\": "+quote(cal.getValueUnit())
				+", \"inverted_lut\": "+imp.isInvertedLut()+", \"display_range\": ["+(Double.isFinite(min)?min:0)+", "+(Double.isFinite(max)?max:0)+"]"
				+", \"table\": "+t+", \"planes\": ["+planes+"], \"moments\": "+momentsCrc(imp.getStack().getProcessor(1))+"}");
		}
		System.exit(0);
	}
}
