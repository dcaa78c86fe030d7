"""Peak and owners of a memory snapshot, computed slowly and apart from unoom: with pickle.load, and dicts.

Usage: python3 slow_snapshot.py FILE. Prints JSON: for each device with events the most bytes in allocated
blocks, the event at which they are reached first, the most reserved bytes, and bytes by line of Python code
at that peak.

How large a block is follows from where blocks lie, not from a search for the best fit: a new block takes the
front of the free range at its address, and the rest of the range only where the allocator would not split it
off (below 512 bytes in small and expandable segments, up to 1 MiB in large ones).
"""

import json
import pickle
import sys

MIB = 1 << 20
LIBRARY = ("site-packages", "dist-packages", "/torch/", "/lib/python")


def line_of(frames):
    """The innermost frame of Python code that is no library's, as "file:line"."""
    python = [frame for frame in frames if frame["filename"].endswith(".py")]
    own = [frame for frame in python if not any(part in frame["filename"] for part in LIBRARY)]
    for frame in own:
        return "%s:%d" % (frame["filename"], frame["line"])
    return None


class Device:
    """Free ranges by where they begin and by where they end; live blocks by where they begin."""

    def __init__(self):
        self.free = {}
        self.free_by_end = {}
        self.segment_of = {}
        self.live = {}
        self.pending = {}
        self.allocated = 0
        self.reserved = 0

    def add_free(self, start, end, segment):
        """Joined with the free ranges it touches within its segment."""
        before = self.free_by_end.get(start)
        if before is not None and self.segment_of[before] == segment:
            self.take_free(before)
            start = before
        if end in self.free and self.segment_of[end] == segment:
            end = self.take_free(end)
        self.free[start] = end
        self.free_by_end[end] = start
        self.segment_of[start] = segment

    def take_free(self, start):
        end = self.free.pop(start)
        del self.free_by_end[end]
        del self.segment_of[start]
        return end

    def segment(self, start, size, expandable):
        # Mapped ranges of expandable segments grow together; those of cudaMalloc never do.
        segment = ("mapped", True) if expandable else (start, size > 2 * MIB)
        self.add_free(start, start + size, segment)
        self.reserved += size

    def release(self, start, size):
        """Gives a part of a free range back: all of it, or whole pages within it."""
        holder = start if start in self.free else max(at for at in self.free if at <= start)
        segment = self.segment_of[holder]
        end = self.take_free(holder)
        if start + size > end:
            raise ValueError("what is given back is not free")
        if holder < start:
            self.add_free(holder, start, segment)
        if start + size < end:
            self.add_free(start + size, end, segment)
        self.reserved -= size

    def alloc(self, start, size, frames):
        segment = self.segment_of[start]
        end = self.take_free(start)
        rounded = max(512, (size + 511) // 512 * 512)
        rest = end - start - rounded
        if rest < 0:
            raise ValueError("a block does not fit where it lies")
        expandable, large = segment[0] == "mapped", segment[1]
        splits = rest > MIB if large and not expandable else rest >= 512
        taken = rounded if splits else rounded + rest
        if taken < end - start:
            self.add_free(start + taken, end, segment)
        self.live[start] = (taken, segment, frames)
        self.allocated += taken

    def free_requested(self, start):
        block = self.live.pop(start)
        self.pending[start] = block
        self.allocated -= block[0]

    def free_completed(self, start):
        size, segment, _ = self.pending.pop(start)
        self.add_free(start, start + size, segment)


def replay(events, until=None, visit=None):
    device = Device()
    for index, event in enumerate(events):
        action = event["action"]
        if action == "alloc":
            device.alloc(event["addr"], event["size"], event.get("frames", []))
        elif action == "free_requested":
            device.free_requested(event["addr"])
        elif action == "free_completed":
            device.free_completed(event["addr"])
        elif action in ("segment_alloc", "segment_map"):
            device.segment(event["addr"], event["size"], action == "segment_map")
        elif action in ("segment_free", "segment_unmap"):
            device.release(event["addr"], event["size"])
        if visit is not None:
            visit(index, device)
        if index == until:
            break
    return device


def examine(events):
    peak = {"allocated": 0, "event": None, "reserved": 0}

    def visit(index, device):
        if device.allocated > peak["allocated"]:
            peak["allocated"] = device.allocated
            peak["event"] = index
        peak["reserved"] = max(peak["reserved"], device.reserved)

    replay(events, visit=visit)
    owners = {}
    if peak["event"] is not None:
        for size, _, frames in replay(events, until=peak["event"]).live.values():
            line = line_of(frames)
            owners[line] = owners.get(line, 0) + size
    return {
        "allocated_bytes": peak["allocated"],
        "at_event": peak["event"],
        "reserved_bytes": peak["reserved"],
        "lines": {str(line): size for line, size in owners.items()},
    }


def main():
    with open(sys.argv[1], "rb") as file:
        snapshot = pickle.load(file)
    traces = snapshot["device_traces"]
    print(json.dumps({str(i): examine(trace) for i, trace in enumerate(traces) if trace}))


main()
