#@ String rows
# Shows a table RHI with the columns Patient and RHI, as a person may have edited it.
from ij.measure import ResultsTable

table = ResultsTable()
for row in rows.split():
    patient, rhi = row.split("=")
    table.incrementCounter()
    table.addValue("Patient", patient)
    table.addValue("RHI", float(rhi))
table.show("RHI")
