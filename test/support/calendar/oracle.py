"""What python3-dateutil says of a batch of rules: one JSON request a line on stdin, one JSON answer a line on stdout."""
import datetime as datetime_module
import json
import re
import sys
import warnings
from datetime import datetime, timedelta

from dateutil.rrule import rrulestr, rruleset

# COUNT and UNTIL together are how the batch is bounded; the library frowns on it and does it.
warnings.simplefilter("ignore")
# A rule that never matches would be searched for until the year 9999; no window of the batch ends later than this.
datetime_module.MAXYEAR = 2033
FORM = "%Y-%m-%dT%H:%M:%S"
# All in local time: Viet Nam has had one offset since 1975, and UNTIL comes in UTC.
OFFSET = timedelta(hours=7)
UTC = "%Y%m%dT%H%M%SZ"
MOST = 400


def local_until(match):
    return "UNTIL=" + (datetime.strptime(match[1], UTC) + OFFSET).strftime("%Y%m%dT%H%M%S")


def starts(request):
    begin = datetime.strptime(request["dtstart"], FORM)
    after = datetime.strptime(request["from"], FORM)
    before = datetime.strptime(request["to"], FORM)
    rule = rrulestr(re.sub(r"UNTIL=(\w+)", local_until, request["rrule"]), dtstart=begin)
    until = before if rule._until is None else min(before, rule._until)
    rules = rruleset()
    rules.rrule(rule.replace(until=until))
    for text in request.get("rdates", []):
        rules.rdate(datetime.strptime(text, FORM))
    for text in request.get("exdates", []):
        rules.exdate(datetime.strptime(text, FORM))
    found = []
    for start in rules:
        if start > before or len(found) >= MOST:
            break
        if start >= after:
            found.append(start.strftime(FORM))
    return found


for line in sys.stdin:
    request = json.loads(line)
    try:
        print(json.dumps(starts(request)))
    except Exception as error:  # an oracle that stumbles over one rule still answers for the others
        print(json.dumps({"error": re.sub(r"\s+", " ", str(error))}))
