"""Prints, as JSON, the number of values and the greatest of each tag of an HdrHistogram log."""

import json
import sys

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

reader = HistogramLogReader(sys.argv[1], HdrHistogram(1, 60_000_000, 3))
seen = {}
while histogram := reader.get_next_interval_histogram():
    count, greatest = seen.get(histogram.get_tag(), (0, 0))
    seen[histogram.get_tag()] = (count + histogram.get_total_count(), max(greatest, histogram.get_max_value()))
json.dump(seen, sys.stdout)
