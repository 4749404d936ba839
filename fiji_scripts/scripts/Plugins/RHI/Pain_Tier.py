#@script(label="Pain Tier", description="Says the pain tier of RHI, with probabilities and caveats. Research use only; not a medical device.", headless=true)
#@ String (visibility=MESSAGE, required=false, persist=false, value="Research use only; not a medical device.") about
#@ String (label="RHI from", choices={"the RHI below", "the table RHI on the screen", "a CSV file"}, value="the RHI below", persist=false) source
#@ String (label="RHI in percent", description="Such as 42 or 17.5; blank is missing, 0 is a value", required=false, persist=false, value="") rhi
#@ String (label="Location", choices={"unknown", "cervical", "thoracic", "lumbar", "sacral", "multiple"}, value="unknown", persist=false) location
#@ String (label="Number of metastases", choices={"unknown", "1", "2", ">2"}, value="unknown", persist=false) number
#@ File (label="CSV file", description="patients.csv or rhi.csv of pyrhi measure or Batch RHI", required=false, persist=false, value="") table
#@ Boolean (label="Save NAME.tiers.csv beside the CSV file", value=false, persist=false) save
#@ String (label="Model", choices={"published", "cutpoints", "a JSON file"}, value="published", persist=false) model
#@ File (label="JSON file of the model", description="Written by pyrhi train or pyrhi classify --save-model", required=false, persist=false, value="") json
#@ org.scijava.widget.Button (label="Help", description="How it works, and what to cite", callback="run", required=false, persist=false) help
#@output ResultsTable tiers
#@output String text
try:
    from pyrhi_fiji import commands, page
except ImportError:
    from ij import IJ
    text = "pyrhi_fiji is missing in jars/Lib of this Fiji; run: pyrhi fiji install FIJI_DIR"
    IJ.error("RHI", text)
else:
    if not page.shown():
        tiers, text = commands.pain_tier(source, rhi, location, number, table, model, json, save)
        commands.resolve(globals(), "tiers", "text")
