#@ File given
#@ File answers
# Writes what the shared package makes of each line of a file: kind, tab, value.
import codecs
import json

from pyrhi_fiji import batch, high, ordinal, roles, text

NORMALS = ordinal.Normals()


def answer(kind, value):
    if kind == "number":
        return text.number(float.fromhex(value))
    if kind == "sum":
        return float.hex(high.pairwise_sum([float.fromhex(v) for v in value.split()]))
    if kind == "normal":
        return repr(NORMALS.next())
    value = json.loads(value)
    if kind == "quoted":
        return text.quoted(value)
    if kind == "cell":
        return text.text_cell(value)
    if kind == "level":
        return roles.level_of(value)
    if kind == "words":
        return " ".join(sorted(roles.words_of(value)))
    if kind == "sort":
        return json.dumps(sorted(value, key=batch.natural))
    if kind == "mode":
        mode = high.parse_high(value)
        return "%s %s %s" % (mode.text, mode.spreads, mode.robust)
    template, number = value
    return template % float.fromhex(number)


with codecs.open(given.getPath(), "r", "utf-8") as lines:
    out = [answer(*line.rstrip("\n").split("\t", 1)) for line in lines]
with codecs.open(answers.getPath(), "w", "utf-8") as stream:
    stream.write("\n".join(json.dumps(line) for line in out))
