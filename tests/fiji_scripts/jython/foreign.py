#@ String high
#@ String custom
#@ String rois
#@ Boolean clip
#@ Boolean ignore
#@ Boolean save
#@ String model
#@output String kept
# Anybody's script, whose parameters SciJava keeps by name for all scripts.
kept = custom
