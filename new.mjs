/** What a row holds. */
const RowState = {
	unused: 0,
	free: 1,
	allocated: 2,
	pending: 3,
	unmapped: 4
};
const FIRST_CAPACITY = 256;
const ROW_BYTES = 64;
var BlockRows = class {
	floats = new Float64Array(FIRST_CAPACITY * 8);
	ints = new Int32Array(this.floats.buffer);
	/** Rows that are or were used: 0 .. count. */
	count = 0;
	/** Rows that can be used again; each is linked to the next one by NEXT. */
	unused = -1;
	size(row) {
		return this.floats[row * 8 + 0];
	}
	address(row) {
		return this.floats[row * 8 + 1];
	}
	previous(row) {
		return this.ints[row * 16 + 4];
	}
	next(row) {
		return this.ints[row * 16 + 5];
	}
	state(row) {
		return this.ints[row * 16 + 6];
	}
	set(row) {
		return this.ints[row * 16 + 7];
	}
	reservation(row) {
		return this.ints[row * 16 + 8];
	}
	freeSince(row) {
		return this.ints[row * 16 + 9];
	}
	setSize(row, value) {
		this.floats[row * 8 + 0] = value;
	}
	setAddress(row, value) {
		this.floats[row * 8 + 1] = value;
	}
	setNext(row, value) {
		this.ints[row * 16 + 5] = value;
	}
	setState(row, value) {
		this.ints[row * 16 + 6] = value;
	}
	setFreeSince(row, value) {
		this.ints[row * 16 + 9] = value;
	}
	/** A row without neighbours. Its state is the caller's to set. */
	add(address, size, set, reservation) {
		let row = this.unused;
		if (row !== -1) this.unused = this.ints[row * 16 + 5];
		else {
			if (this.count * 8 === this.floats.length) this.makeRoom();
			row = this.count;
			this.count += 1;
		}
		const { floats, ints } = this;
		floats[row * 8 + 0] = size;
		floats[row * 8 + 1] = address;
		const at = row * 16;
		ints[at + 4] = -1;
		ints[at + 5] = -1;
		ints[at + 7] = set;
		ints[at + 8] = reservation;
		return row;
	}
	drop(row) {
		const { ints } = this;
		ints[row * 16 + 6] = RowState.unused;
		ints[row * 16 + 5] = this.unused;
		this.unused = row;
	}
	/** Makes two rows neighbours; either may be no row. */
	link(left, right) {
		const { ints } = this;
		if (left !== -1) ints[left * 16 + 5] = right;
		if (right !== -1) ints[right * 16 + 4] = left;
	}
	makeRoom() {
		const grown = new Float64Array(this.floats.byteLength / ROW_BYTES * 2 * 8);
		const ints = new Int32Array(grown.buffer);
		ints.set(this.ints);
		this.floats = grown;
		this.ints = ints;
	}
};
// src/core/allocator/free-blocks.ts
/**
* The free blocks of one pool and stream in the order in which the allocator looks at them: by size,
* then by address.
*
* Sizes fall into classes, 32 for each power of two, and a class has few blocks as a rule: finding the
* class is arithmetic, finding the next class that has any is a look at a few words. Within a class the
* blocks are a treap whose links are in the rows themselves, so a class with thousands of equal blocks
* is searched in a few steps more. Nothing is moved and nothing is allocated.
*/
const UNIT = 512;
/** Sizes below so many units have a class each. */
const PER_POWER = 32;
const LOG_PER_POWER = 5;
/** Units beyond that share the last class. */
const MOST_UNITS = 2 ** 31 - 1;
const CLASSES = 896;
/** Up to so many blocks one class is enough: a program can name very many streams and pools. */
const FEW = 8;
function classOf(size) {
	const units = size / UNIT;
	if (units < PER_POWER) return units > 0 ? units | 0 : 0;
	const whole = units < MOST_UNITS ? units | 0 : MOST_UNITS;
	const power = 31 - Math.clz32(whole);
	return (power - LOG_PER_POWER << LOG_PER_POWER) + (whole >>> power - LOG_PER_POWER);
}
/** Where a row stands in its treap's heap: any fixed shuffle of rows. */
const rankOf$1 = (row) => Math.imul(row + 1, 2654435761);
var FreeBlocks = class {
	rows;
	/** The root of each class's treap; one class for all sizes while there are few blocks. */
	roots = (/* @__PURE__ */ new Int32Array(1)).fill(-1);
	/** One bit for each class with blocks, and one for each word of those. */
	used = /* @__PURE__ */ new Int32Array(1);
	usedWords = 0;
	count = 0;
	constructor(rows) {
		this.rows = rows;
	}
	/** @param row whose size and address stay as they are until it is removed */
	insert(row) {
		this.count += 1;
		if (this.count > FEW && this.roots.length === 1) this.refine();
		const { floats, ints } = this.rows;
		const size = floats[row * 8 + 0];
		const address = floats[row * 8 + 1];
		const own = this.classFor(size);
		const rank = rankOf$1(row);
		let parent = -1;
		let side = 10;
		let node = this.roots[own];
		if (node === -1) this.mark(own);
		while (node !== -1 && rankOf$1(node) > rank) {
			parent = node;
			side = this.isBefore(node, size, address, row) ? 11 : 10;
			node = ints[node * 16 + side];
		}
		if (parent === -1) this.roots[own] = row;
		else ints[parent * 16 + side] = row;
		let lower = row * 16 + 10;
		let upper = row * 16 + 11;
		while (node !== -1) if (this.isBefore(node, size, address, row)) {
			ints[lower] = node;
			lower = node * 16 + 11;
			node = ints[lower];
		} else {
			ints[upper] = node;
			upper = node * 16 + 10;
			node = ints[upper];
		}
		ints[lower] = -1;
		ints[upper] = -1;
	}
	remove(row) {
		this.count -= 1;
		const { floats, ints } = this.rows;
		const size = floats[row * 8 + 0];
		const address = floats[row * 8 + 1];
		const own = this.classFor(size);
		let parent = -1;
		let side = 10;
		let node = this.roots[own];
		while (node !== row) {
			parent = node;
			side = this.isBefore(node, size, address, row) ? 11 : 10;
			node = ints[node * 16 + side];
		}
		let lower = ints[row * 16 + 10];
		let upper = ints[row * 16 + 11];
		for (;;) {
			const isLower = upper === -1 || lower !== -1 && rankOf$1(lower) > rankOf$1(upper);
			const next = isLower ? lower : upper;
			if (parent !== -1) ints[parent * 16 + side] = next;
			else {
				this.roots[own] = next;
				if (next === -1) this.unmark(own);
			}
			if (lower === -1 || upper === -1) return;
			parent = next;
			side = isLower ? 11 : 10;
			if (isLower) lower = ints[next * 16 + 11];
			else upper = ints[next * 16 + 10];
		}
	}
	/** The first block of at least `size` bytes, or NO_ROW. */
	seek(size) {
		const own = this.classFor(size);
		const found = this.firstFrom(own, size, 0, -1);
		return found === -1 ? this.firstAbove(own) : found;
	}
	/** The block that comes after one of them, or NO_ROW. */
	after(row) {
		const { floats } = this.rows;
		const size = floats[row * 8 + 0];
		const own = this.classFor(size);
		const found = this.firstFrom(own, size, floats[row * 8 + 1], row + 1);
		return found === -1 ? this.firstAbove(own) : found;
	}
	/** Appends all rows, in order. */
	appendTo(rows) {
		for (let row = this.seek(0); row !== -1; row = this.after(row)) rows.push(row);
	}
	/** Whether `node` comes before a block of this size, address and row. */
	isBefore(node, size, address, row) {
		const { floats } = this.rows;
		const other = floats[node * 8 + 0];
		if (other !== size) return other < size;
		const there = floats[node * 8 + 1];
		return there < address || there === address && node < row;
	}
	/** The first block of a class that does not come before a size, address and row. */
	firstFrom(own, size, address, row) {
		const { ints } = this.rows;
		let found = -1;
		let node = this.roots[own];
		while (node !== -1) if (this.isBefore(node, size, address, row)) node = ints[node * 16 + 11];
		else {
			found = node;
			node = ints[node * 16 + 10];
		}
		return found;
	}
	/** The first block of the next class that has any. */
	firstAbove(own) {
		let word = own >> 5;
		let bits = this.used[word] & -2 << (own & 31);
		if (bits === 0) {
			const words = this.usedWords & -2 << word;
			if (words === 0) return -1;
			word = lowestBit(words);
			bits = this.used[word];
		}
		const { ints } = this.rows;
		let node = this.roots[(word << 5) + lowestBit(bits)];
		for (;;) {
			const before = ints[node * 16 + 10];
			if (before === -1) return node;
			node = before;
		}
	}
	classFor(size) {
		return this.roots.length === 1 ? 0 : classOf(size);
	}
	mark(own) {
		const word = own >> 5;
		this.used[word] = this.used[word] | 1 << (own & 31);
		this.usedWords |= 1 << word;
	}
	unmark(own) {
		const word = own >> 5;
		const left = this.used[word] & ~(1 << (own & 31));
		this.used[word] = left;
		if (left === 0) this.usedWords &= ~(1 << word);
	}
	/** From one class to all of them. */
	refine() {
		const rows = [];
		this.appendTo(rows);
		this.roots = new Int32Array(CLASSES).fill(-1);
		this.used = /* @__PURE__ */ new Int32Array(28);
		this.usedWords = 0;
		this.count = 1;
		for (const row of rows) this.insert(row);
	}
};
const lowestBit = (bits) => 31 - Math.clz32(bits & -bits);
// src/core/base/unknown.ts
/** Makes an unknown. @param why what is missing, for people. @param atMost upper bound in bytes. */
function unknown(why, atMost) {
	return atMost === void 0 ? { unknown: why } : {
		unknown: why,
		at_most: atMost
	};
}
function isUnknown(value) {
	return typeof value === "object" && value !== null && "unknown" in value;
}
// src/core/base/texts.ts
function say(texts, key, params = {}) {
	return {
		texts,
		key,
		params
	};
}
// src/core/base/bytes.ts
const MiB = 2 ** 20;
/** Rounded sizes up to this one are served from the small pool. */
const SMALL_MAX = MiB;
const SMALL_SEGMENT = 2 * MiB;
/** From this size on a segment holds one request. */
const MIN_LARGE = 10 * MiB;
/** Segments for large requests are multiples of this. */
const LARGE_MULTIPLE = 2 * MiB;
/** `large_segment_size_mb` by default: what requests between 1 and 10 MiB share. */
const LARGE_SEGMENT = 20 * MiB;
/** Bytes of the block that serves a request of `bytes`. @param divisions 16 entries, 0 is off. */
function roundSize(bytes, divisions) {
	if (!(bytes >= 512)) return 512;
	const parts = divisions[divisionEntry(bytes)];
	if (parts > 0 && bytes > 512 * parts) {
		const power = floorPowerOf2(bytes);
		if (parts === 1 || power === bytes) return bytes;
		const step = power / parts;
		return Math.ceil(bytes / step) * step;
	}
	return Math.ceil(bytes / 512) * 512;
}
/** Which entry of the divisions serves a size: 0 below 2 MiB, then one for each power of two. */
function divisionEntry(bytes) {
	if (bytes < 2 * MiB) return 0;
	return Math.min(15, 31 - Math.clz32(bytes / MiB));
}
/** The greatest power of two that is not above `bytes`, for 1 <= bytes < 2^62. Shifts are faster than powers. */
function floorPowerOf2(bytes) {
	if (bytes < HALF_RANGE) return 1 << 31 - Math.clz32(bytes);
	return HALF_RANGE * (1 << 31 - Math.clz32(bytes / HALF_RANGE));
}
const HALF_RANGE = 2 ** 31;
/** Bytes of the segment that is asked of the driver for a block of `rounded` bytes. */
function segmentSize(rounded, largeSegment) {
	if (rounded <= SMALL_MAX) return SMALL_SEGMENT;
	if (rounded < MIN_LARGE) return largeSegment;
	return Math.ceil(rounded / LARGE_MULTIPLE) * LARGE_MULTIPLE;
}
// src/core/allocator/caching-allocator.ts
/**
* The native CUDA caching allocator of PyTorch, as it behaves: best fit with ties by address,
* splitting, merging, segments from the driver, retries, garbage collection, expandable segments.
*
* Blocks are rows of a table. A block is chained to its neighbours within its segment; free ones stand in
* the `FreeBlocks` of their pool and stream.
*
* Source: c10/cuda/CUDACachingAllocator.cpp of PyTorch 1.13 to 2.11 (malloc, get_free_block,
* alloc_block, try_allocate_expandable_block, free_block, release_cached_blocks, unmap_block,
* release_available_cached_blocks, garbage_collect_cached_blocks). Names in comments are theirs.
*/
/** Combinations of pool, size class and stream that are looked up in a table. */
const MAX_TABLE = 2 ** 16;
/** The blocks of one pool and stream. */
var PoolSet = class {
	free;
	/** Unmapped ranges of expandable segments, by address. */
	unmapped = [];
	pool;
	isLarge;
	stream;
	constructor(rows, pool, isLarge, stream) {
		this.free = new FreeBlocks(rows);
		this.pool = pool;
		this.isLarge = isLarge;
		this.stream = stream;
	}
};
var CachingAllocator = class {
	/** Bytes of all segments; of blocks that the program holds; of those and the pending ones. */
	reserved = 0;
	allocated = 0;
	active = 0;
	peakReserved = 0;
	peakAllocated = 0;
	/** Calls of the driver that got or gave back memory. Those that failed are not counted. */
	deviceAllocations = 0;
	deviceFrees = 0;
	/** Requests that had to give back all cached blocks first. */
	retries = 0;
	settings;
	driver;
	names;
	hasDivisions;
	collectsGarbage;
	largeSegment;
	isExpandable;
	maxSplitSize;
	maxNonSplitRounding;
	sets = [];
	/** From pool, size class and stream to an index of `sets`, or -1. */
	setTable;
	/** The same where a table would be too large. */
	setMap = /* @__PURE__ */ new Map();
	/** Searches of each pool so far, and at which of them a block became free: its age. */
	searches;
	rows = new BlockRows();
	/** Where reservations begin. */
	bases = [];
	pending = [];
	/** The row of each allocation, or -1. */
	rowOf;
	constructor(settings, driver, names) {
		this.settings = settings;
		this.driver = driver;
		this.names = names;
		this.hasDivisions = settings.roundupPower2Divisions.some((parts) => parts > 0);
		this.collectsGarbage = settings.garbageCollectionThreshold > 0 && Number.isFinite(settings.cap);
		this.largeSegment = settings.largeSegmentSize;
		this.isExpandable = settings.expandableSegments;
		this.maxSplitSize = settings.maxSplitSize;
		this.maxNonSplitRounding = settings.maxNonSplitRounding;
		const keys = names.pools * 2 * names.streams;
		this.setTable = new Int32Array(keys <= MAX_TABLE ? keys : 0).fill(-1);
		this.searches = new Int32Array(names.pools * 2);
		this.rowOf = new Int32Array(names.blocks).fill(-1);
	}
	/** Puts segments there as they were before the first operation. */
	place(segments) {
		const byAddress = [...segments].sort((a, b) => a.address - b.address);
		/** Last row of the reservation of each set. */
		const tails = /* @__PURE__ */ new Map();
		for (const segment of byAddress) {
			if (segment.blocks.length === 0) continue;
			const set = this.setIndex(segment.pool, segment.isLarge, segment.stream);
			let last = -1;
			let reservation = -1;
			if (segment.isExpandable) {
				const tail = tails.get(set);
				if (tail !== void 0) {
					reservation = this.rows.reservation(tail);
					last = this.closeGap(tail, segment.address);
				} else {
					const base = Math.min(segment.address, segment.reservedFrom ?? segment.address);
					reservation = this.bases.push(base) - 1;
					if (base < segment.address) {
						last = this.rows.add(base, segment.address - base, set, reservation);
						this.insertUnmapped(last);
					}
				}
			}
			let { address } = segment;
			for (const block of segment.blocks) {
				const row = this.rows.add(address, block.size, set, reservation);
				this.rows.link(last, row);
				address += block.size;
				last = row;
				if (block.block === void 0) {
					this.insertFree(row);
					continue;
				}
				this.rowOf[block.block] = row;
				this.rows.setState(row, block.isPending ? RowState.pending : RowState.allocated);
				this.active += block.size;
				if (block.isPending) this.pending.push(block.block);
				else this.allocated += block.size;
			}
			this.reserved += segment.size;
			if (segment.isExpandable) tails.set(set, this.appendUnmapped(last, address));
		}
		this.peakReserved = this.reserved;
		this.peakAllocated = this.allocated;
	}
	/** The tail of a reservation ends where the next mapped range begins. Returns the row before it. */
	closeGap(tail, address) {
		const gap = address - this.rows.address(tail);
		if (gap > 0) {
			this.rows.setSize(tail, gap);
			return tail;
		}
		const before = this.rows.previous(tail);
		this.removeUnmapped(tail);
		this.rows.drop(tail);
		if (before !== -1) this.rows.setNext(before, -1);
		return before;
	}
	appendUnmapped(last, address) {
		const row = this.rows.add(address, Number.POSITIVE_INFINITY, this.rows.set(last), this.rows.reservation(last));
		this.rows.link(last, row);
		this.insertUnmapped(row);
		return row;
	}
	/**
	* Asks for `bytes`. True when allocation `block` got a block; false when memory ran out.
	* @param bytes as the program asks, before rounding
	*/
	malloc(block, bytes, stream, pool) {
		const rounded = this.hasDivisions ? roundSize(bytes, this.settings.roundupPower2Divisions) : bytes > 512 ? Math.ceil(bytes / 512) * 512 : 512;
		const index = this.setIndex(pool, rounded > SMALL_MAX, stream);
		const set = this.sets[index];
		let row = this.findFree(set, rounded);
		if (row === -1) {
			row = this.findNew(set, index, rounded);
			if (row === -1) return false;
		}
		const size = this.rows.size(row);
		const rest = size - rounded;
		if (rest > 0 && this.shouldSplit(set, rounded, rest)) {
			row = this.splitFront(row, rounded, index);
			this.allocated += rounded;
			this.active += rounded;
		} else {
			this.allocated += size;
			this.active += size;
		}
		this.rows.setState(row, RowState.allocated);
		this.rowOf[block] = row;
		if (this.allocated > this.peakAllocated) this.peakAllocated = this.allocated;
		return true;
	}
	/** The program lets an allocation go that other streams still use. Unknown ones are ignored. */
	freeRequested(block) {
		const row = this.rowOf[block];
		if (row === -1 || this.rows.state(row) !== RowState.allocated) return;
		this.rows.setState(row, RowState.pending);
		this.allocated -= this.rows.size(row);
		this.pending.push(block);
	}
	/** The block of an allocation becomes reusable. Unknown ones are ignored. */
	freeCompleted(block) {
		const row = this.rowOf[block];
		if (row === -1) return;
		const size = this.rows.size(row);
		if (this.rows.state(row) === RowState.allocated) this.allocated -= size;
		this.active -= size;
		this.rowOf[block] = -1;
		this.freeBlock(row);
	}
	/** torch.cuda.empty_cache(). */
	emptyCache() {
		this.releaseCached();
	}
	/** The address of a live allocation, or -1. */
	addressOf(block) {
		const row = this.rowOf[block];
		return row === -1 ? -1 : this.rows.address(row);
	}
	/** Bytes of an allocation's block; -1 when it is not live. */
	sizeOf(block) {
		const row = this.rowOf[block];
		return row === -1 ? -1 : this.rows.size(row);
	}
	/** All mapped blocks, by address. */
	blocks() {
		const found = [];
		for (let row = 0; row < this.rows.count; row += 1) {
			const state = this.rows.state(row);
			if (state === RowState.unused || state === RowState.unmapped) continue;
			const set = this.sets[this.rows.set(row)];
			found.push({
				address: this.rows.address(row),
				size: this.rows.size(row),
				state: state === RowState.free ? "free" : state === RowState.pending ? "pending" : "allocated",
				stream: set.stream,
				isLarge: set.isLarge
			});
		}
		return found.sort((a, b) => a.address - b.address);
	}
	findFree(set, rounded) {
		if (this.collectsGarbage) this.countSearch(set);
		const { free } = set;
		const { maxSplitSize, maxNonSplitRounding } = this;
		let row = free.seek(rounded);
		if (row === -1) return -1;
		if (this.rows.reservation(row) !== -1) {
			row = this.isExpandable ? this.leastExpandable(free, row) : this.firstUnexpandable(free, row);
			if (row === -1) return -1;
		}
		const size = this.rows.size(row);
		if (rounded < maxSplitSize && size >= maxSplitSize) return -1;
		if (rounded >= maxSplitSize && size >= rounded + maxNonSplitRounding) return -1;
		free.remove(row);
		return row;
	}
	countSearch(set) {
		const pool = poolIndex(set);
		this.searches[pool] = this.searches[pool] + 1;
	}
	/** A block that can grow counts with what it can grow to, so that those in the middle go first. */
	leastExpandable(free, first) {
		let row = first;
		let size = this.expandedSize(row);
		for (;;) {
			if (this.rows.reservation(row) === -1) return row;
			const following = free.after(row);
			if (following === -1) return row;
			const other = this.expandedSize(following);
			if (other >= size) return row;
			row = following;
			size = other;
		}
	}
	expandedSize(row) {
		const size = this.rows.size(row);
		const next = this.rows.next(row);
		return next !== -1 && this.rows.state(next) === RowState.unmapped ? size + this.rows.size(next) : size;
	}
	firstUnexpandable(free, first) {
		let row = first;
		while (row !== -1 && this.rows.reservation(row) !== -1) row = free.after(row);
		return row;
	}
	shouldSplit(set, rounded, rest) {
		if (!set.isLarge || this.isExpandable) return rest >= 512;
		return rounded < this.maxSplitSize && rest > SMALL_MAX;
	}
	/** Cuts the front off a block that is in no set; the rest becomes free. Returns the front. */
	splitFront(row, bytes, set) {
		const address = this.rows.address(row);
		const front = this.rows.add(address, bytes, set, this.rows.reservation(row));
		this.rows.link(this.rows.previous(row), front);
		this.rows.link(front, row);
		this.rows.setAddress(row, address + bytes);
		this.rows.setSize(row, this.rows.size(row) - bytes);
		this.insertFree(row);
		return front;
	}
	/** The chain of what malloc tries when no free block serves. */
	findNew(set, index, rounded) {
		if (this.collectsGarbage) this.collectGarbage();
		let row = this.newBlock(set, index, rounded);
		if (row !== -1) return row;
		if (Number.isFinite(this.settings.maxSplitSize) && this.releaseAvailable(set, rounded)) {
			row = this.newBlock(set, index, rounded);
			if (row !== -1) return row;
		}
		if (set.pool !== 0) return -1;
		this.releaseCached();
		this.retries += 1;
		return this.newBlock(set, index, rounded);
	}
	/** alloc_block */
	newBlock(set, index, rounded) {
		const bytes = segmentSize(rounded, this.largeSegment);
		if (this.reserved + bytes > this.settings.cap) return -1;
		if (this.settings.expandableSegments) return this.growExpandable(set, index, rounded);
		const address = this.driver.allocate(bytes, set.stream);
		if (address < 0) return -1;
		this.countMapped(bytes);
		return this.rows.add(address, bytes, index, -1);
	}
	countMapped(bytes) {
		this.deviceAllocations += 1;
		this.reserved += bytes;
		if (this.reserved > this.peakReserved) this.peakReserved = this.reserved;
	}
	/** try_allocate_expandable_block */
	growExpandable(set, index, rounded) {
		let row = this.expandableCandidate(set, rounded) ?? this.newReservation(set, index);
		if (this.rows.state(row) === RowState.unmapped) {
			if (!this.mapBlock(set, row, Math.min(this.rows.size(row), rounded))) return -1;
		}
		while (this.rows.size(row) < rounded) {
			const missing = rounded - this.rows.size(row);
			const following = this.rows.next(row);
			const room = this.rows.size(following);
			if (!this.mapBlock(set, following, Math.min(missing, room))) return -1;
			row = following;
		}
		set.free.remove(row);
		return row;
	}
	/** find_expandable_block, without the new reservation: where free and unmapped ranges reach. */
	expandableCandidate(set, rounded) {
		const { rows } = this;
		let chainEnd = Number.NEGATIVE_INFINITY;
		for (const hole of set.unmapped) {
			if (rows.address(hole) < chainEnd) continue;
			const before = rows.previous(hole);
			const first = before !== -1 && rows.state(before) === RowState.free ? before : hole;
			let bytes = 0;
			let row = first;
			while (bytes < rounded && row !== -1 && this.isMergeable(row)) {
				bytes += rows.size(row);
				row = rows.next(row);
			}
			if (bytes < rounded) {
				chainEnd = rows.address(first) + bytes;
				continue;
			}
			const base = this.bases[rows.reservation(hole)];
			if (rows.size(hole) === Number.POSITIVE_INFINITY && this.driver.isExhausted(base, rows.address(hole))) continue;
			return first;
		}
	}
	/** Free or unmapped. */
	isMergeable(row) {
		const state = this.rows.state(row);
		return state === RowState.free || state === RowState.unmapped;
	}
	newReservation(set, index) {
		const base = this.driver.reserve();
		const reservation = this.bases.push(base) - 1;
		const row = this.rows.add(base, Number.POSITIVE_INFINITY, index, reservation);
		this.rows.setState(row, RowState.unmapped);
		insertByAddress(set.unmapped, row, this.rows);
		return row;
	}
	pageOf(set) {
		return set.isLarge ? this.largeSegment : SMALL_SEGMENT;
	}
	/** map_block: maps the front of an unmapped range in whole pages and makes it a free block. */
	mapBlock(set, row, bytes) {
		const page = this.pageOf(set);
		const mapped = Math.min(Math.ceil(bytes / page) * page, this.rows.size(row));
		const address = this.rows.address(row);
		if (!this.driver.map(address, mapped, set.stream)) return false;
		this.countMapped(mapped);
		this.removeUnmapped(row);
		const rest = this.rows.size(row) - mapped;
		if (rest > 0) {
			const remaining = this.rows.add(address + mapped, rest, this.rows.set(row), this.rows.reservation(row));
			this.rows.link(remaining, this.rows.next(row));
			this.rows.link(row, remaining);
			this.rows.setSize(row, mapped);
			this.insertUnmapped(remaining);
		}
		this.freeBlock(row);
		return true;
	}
	/** unmap_block: gives the pages that lie wholly in a free block back. */
	unmapBlock(row) {
		const set = this.sets[this.rows.set(row)];
		const page = this.pageOf(set);
		const reservation = this.rows.reservation(row);
		const base = this.bases[reservation];
		const from = this.rows.address(row);
		const to = from + this.rows.size(row);
		const first = base + Math.ceil((from - base) / page) * page;
		const last = base + Math.floor((to - base) / page) * page;
		if (last <= first) return;
		this.driver.unmap(first, last - first);
		this.deviceFrees += 1;
		this.reserved -= last - first;
		set.free.remove(row);
		if (first > from) {
			const before = this.rows.add(from, first - from, this.rows.set(row), reservation);
			this.rows.link(this.rows.previous(row), before);
			this.rows.link(before, row);
			this.insertFree(before);
		}
		if (to > last) {
			const after = this.rows.add(last, to - last, this.rows.set(row), reservation);
			this.rows.link(after, this.rows.next(row));
			this.rows.link(row, after);
			this.insertFree(after);
		}
		this.rows.setAddress(row, first);
		this.rows.setSize(row, last - first);
		this.rows.setState(row, RowState.unmapped);
		this.mergeNeighbours(row, RowState.unmapped);
		if (this.isWholeSegment(row)) this.rows.drop(row);
		else this.insertUnmapped(row);
	}
	/** release_cached_blocks: waits for all streams, then gives all unsplit free blocks back. */
	releaseCached() {
		for (const block of this.pending) this.completeIfPending(block);
		this.pending.length = 0;
		this.releaseOf(true);
		this.releaseOf(false);
		for (;;) {
			const address = this.driver.nextFreed?.();
			if (address === void 0 || !this.releasePrivate(address)) return;
		}
	}
	/** Gives a wholly free segment of a private pool back, as happens when its graph is gone. */
	releasePrivate(address) {
		for (const set of this.sets) {
			if (set.pool === 0) continue;
			for (const row of this.freeRows([set])) {
				if (this.rows.address(row) !== address || !this.isWholeSegment(row)) continue;
				this.releaseSegment(row);
				return true;
			}
		}
		return false;
	}
	completeIfPending(block) {
		const row = this.rowOf[block];
		if (row !== -1 && this.rows.state(row) === RowState.pending) this.freeCompleted(block);
	}
	releaseOf(isLarge) {
		const toUnmap = [];
		for (const row of this.freeRows(this.defaultSets(isLarge))) if (this.rows.reservation(row) !== -1) toUnmap.push(row);
		else if (this.isWholeSegment(row)) this.releaseSegment(row);
		for (const row of toUnmap) this.unmapBlock(row);
	}
	/** The sets of the default pool, in the order of their streams' handles. */
	defaultSets(isLarge) {
		const rank = this.names.streamRank;
		return this.sets.filter((set) => set.pool === 0 && set.isLarge === isLarge).sort((a, b) => (rank?.[a.stream] ?? a.stream) - (rank?.[b.stream] ?? b.stream));
	}
	freeRows(sets) {
		const rows = [];
		for (const set of sets) set.free.appendTo(rows);
		return rows;
	}
	isWholeSegment(row) {
		return this.rows.previous(row) === -1 && this.rows.next(row) === -1;
	}
	/** Gives a free block that is a whole segment back to the driver. */
	releaseSegment(row) {
		const bytes = this.rows.size(row);
		const address = this.rows.address(row);
		this.sets[this.rows.set(row)].free.remove(row);
		this.driver.free(address, bytes);
		this.deviceFrees += 1;
		this.reserved -= bytes;
		this.rows.drop(row);
	}
	/**
	* release_available_cached_blocks: gives oversize blocks of this stream back until a request of
	* `rounded` bytes can be met. False when there were not enough.
	*/
	releaseAvailable(set, rounded) {
		const { maxSplitSize } = this.settings;
		const wanted = Math.max(rounded, maxSplitSize);
		const single = set.free.seek(wanted);
		if (single !== -1 && this.rows.reservation(single) === -1) {
			if (!this.isWholeSegment(single)) return false;
			this.releaseSegment(single);
			return true;
		}
		const rows = [];
		set.free.appendTo(rows);
		let released = 0;
		for (let i = rows.length - 1; i >= 0 && released < wanted; i -= 1) {
			const row = rows[i];
			const bytes = this.rows.size(row);
			if (bytes < maxSplitSize) break;
			if (this.rows.reservation(row) !== -1 || !this.isWholeSegment(row)) continue;
			this.releaseSegment(row);
			released += bytes;
		}
		return released >= wanted;
	}
	/** garbage_collect_cached_blocks: gives back what has been free for longer than the average. */
	collectGarbage() {
		const threshold = Math.floor(this.settings.garbageCollectionThreshold * this.settings.cap);
		if (this.reserved <= threshold) return;
		const target = this.reserved - threshold;
		const sets = this.defaultSets(true);
		let candidates = this.freeRows(sets).filter((row) => this.isWholeSegment(row));
		let count = candidates.length;
		let totalAge = 0;
		for (const row of candidates) totalAge += this.ageOf(row);
		candidates = candidates.filter((row) => this.rows.reservation(row) === -1);
		let reclaimed = 0;
		let hasFreed = true;
		while (reclaimed < target && hasFreed && count > 0) {
			const average = totalAge / count;
			hasFreed = false;
			const kept = [];
			for (const row of candidates) {
				const age = this.ageOf(row);
				if (age < average) {
					kept.push(row);
					continue;
				}
				hasFreed = true;
				reclaimed += this.rows.size(row);
				totalAge -= age;
				count -= 1;
				this.releaseSegment(row);
			}
			candidates = kept;
		}
	}
	/** Searches of the pool since the block became free. */
	ageOf(row) {
		const set = this.sets[this.rows.set(row)];
		return this.searches[poolIndex(set)] - this.rows.freeSince(row);
	}
	/** Makes a block free, merges it with its free neighbours and puts the result into its set. */
	freeBlock(row) {
		this.mergeNeighbours(row, RowState.free);
		this.insertFree(row);
	}
	/** try_merge_blocks with both neighbours, which must be in `state` to be merged. */
	mergeNeighbours(row, state) {
		const previous = this.rows.previous(row);
		if (previous !== -1 && this.rows.state(previous) === state) {
			this.removeFromSet(previous);
			this.rows.setAddress(row, this.rows.address(previous));
			this.rows.setSize(row, this.rows.size(row) + this.rows.size(previous));
			this.rows.link(this.rows.previous(previous), row);
			this.rows.drop(previous);
		}
		const next = this.rows.next(row);
		if (next !== -1 && this.rows.state(next) === state) {
			this.removeFromSet(next);
			this.rows.setSize(row, this.rows.size(row) + this.rows.size(next));
			this.rows.link(row, this.rows.next(next));
			this.rows.drop(next);
		}
	}
	removeFromSet(row) {
		if (this.rows.state(row) === RowState.unmapped) {
			this.removeUnmapped(row);
			return;
		}
		this.sets[this.rows.set(row)].free.remove(row);
	}
	insertFree(row) {
		this.rows.setState(row, RowState.free);
		const set = this.sets[this.rows.set(row)];
		if (this.collectsGarbage) this.rows.setFreeSince(row, this.searches[poolIndex(set)]);
		set.free.insert(row);
	}
	insertUnmapped(row) {
		this.rows.setState(row, RowState.unmapped);
		const set = this.sets[this.rows.set(row)];
		insertByAddress(set.unmapped, row, this.rows);
	}
	removeUnmapped(row) {
		const { unmapped } = this.sets[this.rows.set(row)];
		unmapped.splice(placeByAddress(unmapped, this.rows.address(row), this.rows), 1);
	}
	setIndex(pool, isLarge, stream) {
		const key = (pool * 2 + (isLarge ? 1 : 0)) * this.names.streams + stream;
		const isInTable = key < this.setTable.length;
		const known = isInTable ? this.setTable[key] : this.setMap.get(key) ?? -1;
		if (known >= 0) return known;
		const index = this.sets.push(new PoolSet(this.rows, pool, isLarge, stream)) - 1;
		if (isInTable) this.setTable[key] = index;
		else this.setMap.set(key, index);
		return index;
	}
};
const poolIndex = (set) => set.pool * 2 + (set.isLarge ? 1 : 0);
/** Where a range at `address` stands, or would stand, among rows sorted by address. */
function placeByAddress(rows, address, blocks) {
	let from = 0;
	let to = rows.length;
	while (from < to) {
		const middle = from + to >> 1;
		if (blocks.address(rows[middle]) < address) from = middle + 1;
		else to = middle;
	}
	return from;
}
function insertByAddress(rows, row, blocks) {
	rows.splice(placeByAddress(rows, blocks.address(row), blocks), 0, row);
}
// src/core/allocator/driver.ts
/** Virtual ranges of a modelled device never touch: each may grow to 16 TiB. */
const RESERVATION = 2 ** 44;
/**
* A device with `capacity` bytes for segments. Physical memory comes in pages and needs no
* contiguity, so its amount is all that counts. Addresses only ever grow.
*/
var ModelledDevice = class {
	used = 0;
	nextAddress = RESERVATION;
	reservations = 1;
	capacity;
	/** @param used bytes of segments that are there already */
	constructor(capacity, used = 0, firstAddress = RESERVATION) {
		this.capacity = capacity;
		this.used = used;
		this.nextAddress = firstAddress;
	}
	allocate(bytes) {
		if (!this.map(0, bytes)) return -1;
		const address = this.nextAddress;
		this.nextAddress += bytes;
		return address;
	}
	free(_address, bytes) {
		this.used -= bytes;
	}
	reserve() {
		this.reservations += 1;
		return RESERVATION * this.reservations;
	}
	isExhausted() {
		return false;
	}
	map(_address, bytes) {
		if (this.used + bytes > this.capacity) return false;
		this.used += bytes;
		return true;
	}
	unmap(_address, bytes) {
		this.used -= bytes;
	}
};
// src/core/allocator/program.ts
/**
* What the replayer of the caching allocator is given and what it gives back. It decides every address
* of a block by itself: the only addresses that it is told are those of segments, which the driver
* chooses (a test holds this).
*
* Operations are rows. An allocation is known by its number, counted from 0 in the order in which
* blocks come to be: first those of the start, then each `malloc`.
*/
const Op = {
	/** Ask for `size[i]` bytes on `stream[i]`; the block gets the next number. */
	malloc: 0,
	/** The program lets block `block[i]` go. */
	freeRequested: 1,
	/** Block `block[i]` becomes reusable; right after the request, or later when other streams used it. */
	freeCompleted: 2,
	/** torch.cuda.empty_cache(), called by the program (not the allocator's own retry). */
	emptyCache: 3,
	/** A request of `size[i]` bytes that failed when recorded. */
	oom: 4
};
// src/core/allocator/tape.ts
const TapeKind = {
	allocate: 0,
	free: 1,
	map: 2,
	unmap: 3
};
var TapeDriver = class {
	/** Entries that the allocator asked for as recorded. */
	position = 0;
	mismatch;
	/** Entries up to this event belong to the operation under way. */
	until = 0;
	tape;
	constructor(tape) {
		this.tape = tape;
	}
	/** Whether an entry of the operation under way, or of one before it, is left. */
	hasLeft() {
		return this.position < this.tape.count && this.tape.event[this.position] <= this.until;
	}
	allocate(bytes, stream) {
		const { tape, position } = this;
		if (!this.hasLeft() || tape.kind[position] !== TapeKind.allocate) return -1;
		if (!this.take(TapeKind.allocate, bytes, stream)) return -1;
		return tape.address[position];
	}
	free(address, bytes) {
		this.giveBack(TapeKind.free, address, bytes);
	}
	/** The first range that is mapped in a reservation is at its beginning. */
	reserve() {
		const { tape, position } = this;
		return this.hasLeft() && tape.kind[position] === TapeKind.map ? tape.address[position] : 0;
	}
	/** A range that is mapped outside of all that is known of a reservation is in another one. */
	isExhausted(base, address) {
		const { tape, position } = this;
		if (!this.hasLeft() || tape.kind[position] !== TapeKind.map) return false;
		const next = tape.address[position];
		return next > address || next < base;
	}
	map(address, bytes, stream) {
		const { tape, position } = this;
		if (!this.hasLeft() || tape.kind[position] !== TapeKind.map) return false;
		if (tape.address[position] !== address) {
			this.mismatch ??= "place";
			return false;
		}
		return this.take(TapeKind.map, bytes, stream);
	}
	unmap(address, bytes) {
		this.giveBack(TapeKind.unmap, address, bytes);
	}
	nextFreed() {
		const { tape, position } = this;
		if (!this.hasLeft() || tape.kind[position] !== TapeKind.free) return void 0;
		return tape.address[position];
	}
	take(kind, bytes, stream) {
		const { tape, position } = this;
		if (tape.kind[position] !== kind) this.mismatch ??= "not_recorded";
		else if (tape.size[position] !== bytes) this.mismatch ??= "size";
		else if (tape.stream[position] !== stream) this.mismatch ??= "stream";
		if (this.mismatch !== void 0) return false;
		this.position += 1;
		return true;
	}
	giveBack(kind, address, bytes) {
		const { tape, position } = this;
		if (!this.hasLeft()) this.mismatch ??= "not_recorded";
		else if (tape.kind[position] !== kind) this.mismatch ??= "not_recorded";
		else if (tape.address[position] !== address) this.mismatch ??= "place";
		else if (tape.size[position] !== bytes) this.mismatch ??= "size";
		else this.position += 1;
	}
};
// src/core/allocator/run.ts
/** Runs a program through the allocator: on a modelled device, or against what was recorded. */
/** Runs a program on a device with `settings.capacity` bytes. */
function runModelled(program, start, names, settings, options = {}) {
	const allocator = new CachingAllocator(settings, deviceWith(start, settings.capacity), names);
	allocator.place(start);
	const { op, block, size, stream, pool, count } = program;
	const usesEmptyCache = options.withoutEmptyCache !== true;
	let oomCount = 0;
	let oomServed = 0;
	let failedAt;
	for (let i = 0; i < count; i += 1) {
		const what = op[i];
		const number = block[i];
		if (what === Op.malloc) {
			if (!allocator.malloc(number, size[i], stream[i], pool[i])) {
				failedAt = i;
				break;
			}
		} else if (what === Op.freeRequested) {
			if (op[i + 1] === Op.freeCompleted && block[i + 1] === number) {
				i += 1;
				allocator.freeCompleted(number);
			} else allocator.freeRequested(number);
		} else if (what === Op.freeCompleted) allocator.freeCompleted(number);
		else if (what === Op.emptyCache) {
			if (usesEmptyCache) allocator.emptyCache();
		} else {
			oomCount += 1;
			if (allocator.malloc(number, size[i], stream[i], pool[i])) {
				oomServed += 1;
				allocator.freeCompleted(number);
			}
		}
	}
	return {
		peakReserved: allocator.peakReserved,
		peakAllocated: allocator.peakAllocated,
		finalReserved: allocator.reserved,
		deviceCalls: allocator.deviceAllocations + allocator.deviceFrees,
		retries: allocator.retries,
		oomCount,
		oomServed,
		...failedAt !== void 0 && { failedAt }
	};
}
/** A device that holds the segments of the start, and gives new ones addresses behind them. */
function deviceWith(start, capacity) {
	let used = 0;
	let end = 0;
	for (const segment of start) {
		used += segment.size;
		end = Math.max(end, segment.address + segment.size);
	}
	return new ModelledDevice(capacity, used, end > 0 ? end : void 0);
}
/**
* Runs a program against what the driver answered when it was recorded. The program has no
* addresses; those that come out are the allocator's own.
* @param events the event of each operation, which places it among the entries of the tape
*/
function runRecorded(program, events, start, names, settings, tape) {
	const driver = new TapeDriver(tape);
	const allocator = new CachingAllocator(settings, driver, names);
	allocator.place(start);
	const { op, block, size, stream, pool, count } = program;
	const addresses = new Float64Array(count);
	const sizes = new Float64Array(count);
	let mallocs = 0;
	let stoppedAt;
	for (let i = 0; i < count; i += 1) {
		const what = op[i];
		const number = block[i];
		if (what === Op.malloc || what === Op.oom) {
			driver.until = events[i];
			const isServed = allocator.malloc(number, size[i], stream[i], pool[i]);
			if (isServed !== (what === Op.malloc)) {
				stoppedAt = isServed ? {
					op: i,
					why: "served",
					address: allocator.addressOf(number)
				} : {
					op: i,
					why: driver.mismatch ?? "not_served"
				};
				break;
			}
			if (isServed) {
				addresses[mallocs] = allocator.addressOf(number);
				sizes[mallocs] = allocator.sizeOf(number);
				mallocs += 1;
			}
		} else if (what === Op.freeRequested) {
			if (op[i + 1] === Op.freeCompleted && block[i + 1] === number) {
				i += 1;
				allocator.freeCompleted(number);
			} else allocator.freeRequested(number);
		} else if (what === Op.freeCompleted) allocator.freeCompleted(number);
		else {
			driver.until = events[i];
			allocator.emptyCache();
		}
		if (driver.mismatch !== void 0 || driver.hasLeft()) {
			stoppedAt = {
				op: i,
				why: driver.mismatch ?? "not_asked"
			};
			break;
		}
	}
	if (stoppedAt === void 0 && driver.position < tape.count) stoppedAt = {
		op: count,
		why: "not_asked"
	};
	return {
		addresses,
		sizes,
		mallocs,
		predicted: driver.position,
		...stoppedAt !== void 0 && { stoppedAt },
		peakReserved: allocator.peakReserved,
		retries: allocator.retries,
		deviceCalls: allocator.deviceAllocations + allocator.deviceFrees,
		finalReserved: allocator.reserved,
		blocks: allocator.blocks()
	};
}
// src/core/documents/grow.ts
/** Typed arrays that grow: at least `least` entries long, keeping what is there; new entries are 0. */
function grownUint8(old, least) {
	const grown = new Uint8Array(roomFor$1(old.length, least));
	grown.set(old);
	return grown;
}
function grownUint16(old, least) {
	const grown = new Uint16Array(roomFor$1(old.length, least));
	grown.set(old);
	return grown;
}
function grownUint32(old, least) {
	const grown = new Uint32Array(roomFor$1(old.length, least));
	grown.set(old);
	return grown;
}
function grownInt32(old, least) {
	const grown = new Int32Array(roomFor$1(old.length, least));
	grown.set(old);
	return grown;
}
function grownFloat64(old, least) {
	const grown = new Float64Array(roomFor$1(old.length, least));
	grown.set(old);
	return grown;
}
/** One entry more would mean growing each time; whoever asks for much more knows what will come. */
function roomFor$1(length, least) {
	if (least > length * 1.2) return least;
	return Math.max(16, least, length < 1 << 22 ? length * 2 : length + (length >>> 1));
}
/**
* A hash table of twice the size: open addressing, a slot holds an id and one, 0 is empty.
* @param hashes of the ids 0 … count - 1
*/
function rehashed(hashes, count, old) {
	const slots = new Int32Array(old.length * 2);
	const mask = slots.length - 1;
	for (let id = 0; id < count; id += 1) {
		let slot = hashes[id] & mask;
		while (slots[slot] !== 0) slot = slot + 1 & mask;
		slots[slot] = id + 1;
	}
	return slots;
}
// src/core/documents/refusal.ts
var Refusal = class extends Error {
	name = "Refusal";
	code;
	what;
	todo;
	constructor(code, what, todo) {
		super(code);
		this.code = code;
		this.what = what;
		this.todo = todo;
	}
};
const TEXTS$11 = {
	en: {
		memory: "There is not enough memory to go on reading.",
		deep: "Values are nested more than {limit} deep.",
		many_texts: "There are more different texts than {limit}.",
		many_rows: "There are more than {limit} entries of one kind.",
		many_values: "There is more data of a kind that no snapshot holds than {limit} values.",
		long: "A text is longer than {limit} bytes.",
		crafted: "Its texts or stacks are made to slow down whoever looks them up.",
		recursive: "A container holds itself.",
		changed: "A container is changed after it was put into another.",
		not_list: "An item is added to what is no list.",
		not_dict: "A key is set in what is no dict.",
		odd_pairs: "A key has no value.",
		no_mark: "A group ends that never began.",
		empty_stack: "An operation finds fewer values than it needs.",
		bad_memo: "It refers to a value ({index}) that was not stored before.",
		todo_damaged: "The file is damaged or was not written by PyTorch: copy it again, or record it again.",
		todo_limit: "A snapshot does not look like this. If PyTorch wrote the file, please report it with the place named here.",
		at: "It stands at byte {offset}: {name}."
	},
	zh: {
		memory: "内存不足，无法继续读取。",
		deep: "值的嵌套深度超过 {limit} 层。",
		many_texts: "不同的字符串超过 {limit} 个。",
		many_rows: "同一类条目超过 {limit} 个。",
		many_values: "快照中不应出现的数据超过 {limit} 个值。",
		long: "有一个字符串超过 {limit} 字节。",
		crafted: "其中的字符串或调用栈是刻意构造的，用来拖慢查找。",
		recursive: "有一个容器包含了它自己。",
		changed: "有一个容器在放入另一个容器之后又被修改。",
		not_list: "向一个不是列表的值追加元素。",
		not_dict: "在一个不是字典的值上设置键。",
		odd_pairs: "有一个键没有对应的值。",
		no_mark: "有一个分组没有开头就结束了。",
		empty_stack: "某个操作所需的值不足。",
		bad_memo: "引用了此前没有保存过的值（{index}）。",
		todo_damaged: "文件已损坏，或不是由 PyTorch 写出的：重新复制或重新录制。",
		todo_limit: "正常的快照不会是这样。如果文件确实由 PyTorch 写出，附上这里给出的位置反馈给我们。",
		at: "位置：第 {offset} 字节，{name}。"
	},
	ru: {
		memory: "Не хватает памяти, чтобы читать дальше.",
		deep: "Значения вложены глубже {limit} уровней.",
		many_texts: "Разных строк больше {limit}.",
		many_rows: "Записей одного вида больше {limit}.",
		many_values: "Данных, которых в снимке быть не может, больше {limit} значений.",
		long: "Строка длиннее {limit} байт.",
		crafted: "Строки или стеки подобраны так, чтобы замедлить поиск.",
		recursive: "Контейнер содержит сам себя.",
		changed: "Контейнер изменён после того, как был вложен в другой.",
		not_list: "Элемент добавляется к тому, что не является списком.",
		not_dict: "Ключ задаётся в том, что не является словарём.",
		odd_pairs: "У ключа нет значения.",
		no_mark: "Группа заканчивается, не начавшись.",
		empty_stack: "Операции не хватает значений.",
		bad_memo: "Ссылка на значение ({index}), которое не сохранялось.",
		todo_damaged: "Файл повреждён или записан не PyTorch: скопируй его заново или сними ещё раз.",
		todo_limit: "Снимок так не выглядит. Если файл записал PyTorch, сообщи нам, указав это место.",
		at: "Место: байт {offset}, {name}."
	}
};
const LIMITS = /* @__PURE__ */ new Set([
	"deep",
	"many_texts",
	"many_rows",
	"many_values",
	"long"
]);
function refuse(fault, params = {}) {
	return new Refusal(`snapshot-${fault.replaceAll("_", "-")}`, say(TEXTS$11, fault, params), say(TEXTS$11, LIMITS.has(fault) ? "todo_limit" : "todo_damaged"));
}
/** The problem that a refusal is, with the place where the machine stood. */
function problemAt(refusal, offset, name) {
	return {
		code: refusal.code,
		what: refusal.what,
		why: say(TEXTS$11, "at", {
			offset,
			name
		}),
		todo: refusal.todo
	};
}
// src/core/documents/sequence-table.ts
/** Sequences of codes, each kept once and known by a number: the stacks of a snapshot. */
const MOST_SEQUENCES = 1 << 25;
const MOST_ITEMS = 2 ** 29;
const MOST_CREDIT$1 = 1 << 24;
var SequenceTable = class {
	count = 0;
	/** `start[i] .. start[i + 1]` are the items of sequence i. */
	start = /* @__PURE__ */ new Uint32Array(1024);
	items = /* @__PURE__ */ new Int32Array(16384);
	used = 0;
	hashes = /* @__PURE__ */ new Int32Array(1024);
	/** Of the last lookup that found nothing. */
	lastHash = 0;
	lastSlot = 0;
	/** Steps that lookups may still take past an occupied slot: a file made to collide ends in a refusal. */
	credit = MOST_CREDIT$1;
	/** Open addressing: number + 1, or 0. */
	slots = /* @__PURE__ */ new Int32Array(2048);
	/** The number of the sequence `codes[from .. to]`; UNKNOWN when it was not kept before. */
	find(codes, from, to) {
		this.credit = Math.min(this.credit + 32, MOST_CREDIT$1);
		let hash = to - from;
		for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ codes[i], 16777619);
		hash = Math.imul(hash ^ hash >>> 15, 739982445);
		hash ^= hash >>> 13;
		const slots = this.slots;
		const mask = slots.length - 1;
		let slot = hash & mask;
		for (;;) {
			const found = slots[slot] - 1;
			if (found < 0) break;
			if (this.hashes[found] === hash && this.equals(found, codes, from, to - from)) return found;
			this.credit -= 1;
			if (this.credit < 0) throw refuse("crafted");
			slot = slot + 1 & mask;
		}
		this.lastHash = hash;
		this.lastSlot = slot;
		return -1;
	}
	/** Its number, after it was kept where it is new. */
	intern(codes, from, to) {
		const found = this.find(codes, from, to);
		return found === -1 ? this.add(this.lastSlot, this.lastHash, codes, from, to) : found;
	}
	lengthOf(id) {
		return this.start[id + 1] - this.start[id];
	}
	equals(id, codes, from, length) {
		const start = this.start[id];
		if (this.start[id + 1] - start !== length) return false;
		const items = this.items;
		for (let i = 0; i < length; i += 1) if (items[start + i] !== codes[from + i]) return false;
		return true;
	}
	add(slot, hash, codes, from, to) {
		const id = this.count;
		const end = this.used + (to - from);
		if (id >= MOST_SEQUENCES) throw refuse("many_rows", { limit: MOST_SEQUENCES });
		if (end > MOST_ITEMS) throw refuse("many_rows", { limit: MOST_ITEMS });
		if (end > this.items.length) this.items = grownInt32(this.items, end);
		if (id + 2 > this.start.length) {
			this.start = grownUint32(this.start, id + 2);
			this.hashes = grownInt32(this.hashes, id + 2);
		}
		this.items.set(codes.subarray(from, to), this.used);
		this.used = end;
		this.start[id + 1] = end;
		this.hashes[id] = hash;
		this.slots[slot] = id + 1;
		this.count = id + 1;
		if (this.count * 2 > this.slots.length) this.slots = rehashed(this.hashes, this.count, this.slots);
		return id;
	}
};
// src/core/documents/text-table.ts
/** Texts as bytes, each kept once and known by a number. They are decoded only when somebody reads them. */
/** Different texts, and bytes of all of them. */
const MOST_TEXTS = 1 << 25;
const MOST_BYTES = 2 ** 30;
const MOST_CREDIT = 1 << 24;
const SHORT = 256;
var TextTable = class {
	count = 0;
	bytes = /* @__PURE__ */ new Uint8Array(65536);
	used = 0;
	/** `start[i] .. start[i + 1]` are the bytes of text i. */
	start = /* @__PURE__ */ new Uint32Array(1024);
	hashes = /* @__PURE__ */ new Int32Array(1024);
	/** Steps that lookups may still take past an occupied slot: a file made to collide ends in a refusal. */
	credit = MOST_CREDIT;
	/** Open addressing: number + 1, or 0. */
	slots = /* @__PURE__ */ new Int32Array(2048);
	/** Numbers of the short texts that were met last, by their bytes. */
	shortWords = new Int32Array(SHORT);
	shortNumbers = new Int32Array(SHORT);
	decoder;
	/** The number of the text in `buffer[from .. to]`. */
	intern(buffer, from, to) {
		const length = to - from;
		if (length > 3) return this.lookUp(buffer, from, to);
		let word = length + 1;
		for (let i = from; i < to; i += 1) word = word << 8 | buffer[i];
		const place = Math.imul(word, 2654435761) >>> 24 & 255;
		if (this.shortWords[place] === word) return this.shortNumbers[place];
		const number = this.lookUp(buffer, from, to);
		this.shortWords[place] = word;
		this.shortNumbers[place] = number;
		return number;
	}
	lookUp(buffer, from, to) {
		const length = to - from;
		this.credit = Math.min(this.credit + 32, MOST_CREDIT);
		let hash = length;
		for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ buffer[i], 16777619);
		hash = Math.imul(hash ^ hash >>> 15, 739982445);
		hash ^= hash >>> 13;
		const mask = this.slots.length - 1;
		let slot = hash & mask;
		for (;;) {
			const found = this.slots[slot] - 1;
			if (found < 0) break;
			if (this.hashes[found] === hash && this.equals(found, buffer, from, length)) return found;
			this.credit -= 1;
			if (this.credit < 0) throw refuse("crafted");
			slot = slot + 1 & mask;
		}
		return this.add(slot, hash, buffer, from, to);
	}
	internText(text) {
		const bytes = new TextEncoder().encode(text);
		return this.intern(bytes, 0, bytes.length);
	}
	text(id) {
		this.decoder ??= new TextDecoder();
		return this.decoder.decode(this.bytes.subarray(this.start[id], this.start[id + 1]));
	}
	equals(id, buffer, from, length) {
		const start = this.start[id];
		if (this.start[id + 1] - start !== length) return false;
		const bytes = this.bytes;
		for (let i = 0; i < length; i += 1) if (bytes[start + i] !== buffer[from + i]) return false;
		return true;
	}
	add(slot, hash, buffer, from, to) {
		const id = this.count;
		const end = this.used + (to - from);
		if (id >= MOST_TEXTS) throw refuse("many_texts", { limit: MOST_TEXTS });
		if (end > MOST_BYTES) throw refuse("many_texts", { limit: { size: MOST_BYTES } });
		if (end > this.bytes.length) this.bytes = grownUint8(this.bytes, end);
		if (id + 2 > this.start.length) {
			this.start = grownUint32(this.start, id + 2);
			this.hashes = grownInt32(this.hashes, id + 2);
		}
		this.bytes.set(buffer.subarray(from, to), this.used);
		this.used = end;
		this.start[id + 1] = end;
		this.hashes[id] = hash;
		this.slots[slot] = id + 1;
		this.count = id + 1;
		if (this.count * 2 > this.slots.length) this.slots = rehashed(this.hashes, this.count, this.slots);
		return id;
	}
};
const REF = (1 << 27) - 1;
/** Kinds of values. From `row` on they are the sink's own, `row + n`. */
const Kind = {
	/** A number; on the stack its value is beside it. */
	number: 0,
	/** none, false, true. */
	constant: 1,
	text: 2,
	/** A value of the sink that is kept once, as a frame is. */
	atom: 3,
	/** A list of texts and atoms that is kept once. */
	sequence: 4,
	/** Two numbers, kept once. */
	pair: 5,
	list: 6,
	dict: 7,
	/** Something that nothing here needs: bytes, a dict without a known key. */
	opaque: 8,
	row: 9
};
const NONE_CODE = Kind.constant << 27;
const FALSE_CODE = NONE_CODE | 1;
const TRUE_CODE = NONE_CODE | 2;
const EMPTY_LIST$1 = Kind.list << 27;
const EMPTY_DICT$1 = Kind.dict << 27;
const OPAQUE = Kind.opaque << 27;
/** Codes below 0 are no finished values: open containers by their slot, numbers kept aside. */
const OPEN_LIST = -2147483648;
const OPEN_DICT = -1610612736;
const STORED = -1073741824;
const TOP = -536870912;
const LOW = 536870911;
const MOST_SLOTS = 1 << 22;
const MOST_MARKS = 1e3;
const MOST_NUMBERS = 1 << 26;
const MOST_RUNS = 1 << 24;
const kindOf = (code) => code < 0 ? -1 : code >>> 27;
const refOf = (code) => code & REF;
var Assembler = class {
	texts = new TextTable();
	sequences = new SequenceTable();
	sink;
	/** The stack. Slots from `sp` on are free. */
	code = /* @__PURE__ */ new Int32Array(4096);
	num = /* @__PURE__ */ new Float64Array(4096);
	/** Of an open container: its place in the memo, or UNSET; and what it holds so far: a code, or UNSET. */
	memoOf = /* @__PURE__ */ new Int32Array(4096);
	held = /* @__PURE__ */ new Int32Array(4096);
	sp = 0;
	/** Slots where groups begin; `~slot` once a part of the group was handed to the list below it. */
	marks = new Int32Array(MOST_MARKS);
	markCount = 0;
	/** 0 where nothing is stored: no number is stored as such, so no code there is 0. */
	memo = /* @__PURE__ */ new Int32Array(4096);
	memoCount = 0;
	/** How long the memo will be in the end, for when it has to grow. */
	forecast = (count) => count * 1.5;
	/** Numbers that are kept aside: items of lists, values of dicts. */
	numbers = /* @__PURE__ */ new Float64Array(1024);
	numberCount = 0;
	listHead = (/* @__PURE__ */ new Int32Array(1024)).fill(-1);
	listTail = (/* @__PURE__ */ new Int32Array(1024)).fill(-1);
	listLength = /* @__PURE__ */ new Uint32Array(1024);
	/** 1 while all items are texts and atoms. */
	listIsPlain = /* @__PURE__ */ new Uint8Array(1024);
	/** List 0 is the empty one. */
	listCount = 1;
	runCode = /* @__PURE__ */ new Int32Array(1024);
	runLength = /* @__PURE__ */ new Uint32Array(1024);
	runStride = /* @__PURE__ */ new Uint8Array(1024);
	runNext = /* @__PURE__ */ new Int32Array(1024);
	runCount = 0;
	pairNumbers = /* @__PURE__ */ new Map();
	pairs = [];
	lastPair = 0;
	constructor(sink) {
		this.sink = sink;
	}
	/** Room for at least eight more slots. Groups that already belong to a list are handed over to it. */
	makeRoom() {
		if (this.sp + 8 <= this.code.length) return;
		const mark = this.floor();
		if (mark > 0 && this.sp - mark > this.sp >>> 1 && this.isOpenList(mark - 1)) {
			this.addItems(mark - 1, mark, this.sp);
			this.sp = mark;
			this.marks[this.markCount - 1] = ~mark;
			return;
		}
		const size = this.code.length * 2;
		if (size > MOST_SLOTS) throw refuse("many_values", { limit: MOST_SLOTS });
		this.code = grownInt32(this.code, size);
		this.num = grownFloat64(this.num, size);
		this.memoOf = grownInt32(this.memoOf, size);
		this.held = grownInt32(this.held, size);
	}
	pushCode(code) {
		if (this.sp + 8 > this.code.length) this.makeRoom();
		this.code[this.sp] = code;
		this.sp += 1;
	}
	pushNumber(value) {
		if (this.sp + 8 > this.code.length) this.makeRoom();
		this.code[this.sp] = 0;
		this.num[this.sp] = value;
		this.sp += 1;
	}
	pushText(buffer, from, to) {
		this.pushCode(Kind.text << 27 | this.texts.intern(buffer, from, to));
	}
	openList() {
		this.open(OPEN_LIST);
	}
	openDict() {
		this.open(OPEN_DICT);
	}
	open(kind) {
		if (this.sp + 8 > this.code.length) this.makeRoom();
		const slot = this.sp;
		this.code[slot] = kind | slot;
		this.memoOf[slot] = -1;
		this.held[slot] = -1;
		this.sp = slot + 1;
	}
	mark() {
		if (this.markCount === MOST_MARKS) throw refuse("deep", { limit: MOST_MARKS });
		this.marks[this.markCount] = this.sp;
		this.markCount += 1;
	}
	/** Takes the last mark away and gives the slot where its group begins. */
	popMark() {
		if (this.markCount === 0) throw refuse("no_mark");
		this.markCount -= 1;
		const mark = this.marks[this.markCount];
		if (mark < 0) throw refuse("many_values", { limit: MOST_SLOTS });
		return mark;
	}
	/** The slot where group `index` begins, counted from the outermost. */
	markAt(index) {
		const mark = this.marks[index];
		return mark < 0 ? ~mark : mark;
	}
	/** The lowest slot that belongs to the group that is being filled. */
	floor() {
		return this.markCount > 0 ? this.markAt(this.markCount - 1) : 0;
	}
	need(count) {
		if (this.sp - count < this.floor()) throw refuse("empty_stack");
	}
	pop() {
		if (this.markCount > 0 && this.floor() === this.sp) {
			this.popMark();
			return;
		}
		this.need(1);
		this.valueAt(this.sp - 1);
		this.sp -= 1;
	}
	popToMark() {
		const mark = this.popMark();
		for (let slot = mark; slot < this.sp; slot += 1) this.valueAt(slot);
		this.sp = mark;
	}
	duplicate() {
		this.need(1);
		const top = this.sp - 1;
		this.valueAt(top);
		if (this.sp + 8 > this.code.length) this.makeRoom();
		this.num[this.sp] = this.num[top];
		this.pushCode(this.code[top]);
	}
	/** The group above the last mark becomes items of the list below it. */
	appends() {
		if (this.markCount === 0) throw refuse("no_mark");
		const mark = this.floor();
		this.markCount -= 1;
		if (mark === 0 || !this.isOpenList(mark - 1)) throw refuse("not_list");
		this.addItems(mark - 1, mark, this.sp);
		this.sp = mark;
	}
	append() {
		this.need(2);
		const top = this.sp - 1;
		if (!this.isOpenList(top - 1)) throw refuse("not_list");
		this.addItems(top - 1, top, this.sp);
		this.sp = top;
	}
	/** The group above the last mark becomes pairs of the dict below it. */
	setItems() {
		const mark = this.popMark();
		if (mark === 0) throw refuse("not_dict");
		this.setPairs(mark - 1, mark, this.sp);
		this.sp = mark;
	}
	setItem() {
		this.need(3);
		const from = this.sp - 2;
		this.setPairs(from - 1, from, this.sp);
		this.sp = from;
	}
	/** The group above the last mark becomes a list or tuple of its own. */
	groupToList() {
		this.toList(this.popMark());
	}
	/** The group above the last mark becomes a dict of its own. */
	groupToDict() {
		const mark = this.popMark();
		if (this.sp + 8 > this.code.length) this.makeRoom();
		for (let slot = mark; slot < this.sp; slot += 1) this.valueAt(slot);
		this.code.copyWithin(mark + 1, mark, this.sp);
		this.num.copyWithin(mark + 1, mark, this.sp);
		const end = this.sp + 1;
		this.sp = mark;
		this.open(OPEN_DICT);
		this.setPairs(mark, mark + 1, end);
		this.sp = mark + 1;
	}
	/** The last `count` values become a tuple. */
	tuple(count) {
		this.need(count);
		this.toList(this.sp - count);
	}
	toList(from) {
		for (let slot = from; slot < this.sp; slot += 1) this.valueAt(slot);
		const held = from === this.sp ? EMPTY_LIST$1 : this.heldOf(-1, from, this.sp);
		this.sp = from;
		this.pushCode(this.finished(held));
	}
	isOpenList(slot) {
		return (this.code[slot] & TOP) === OPEN_LIST;
	}
	/** How many items the list in this slot has so far. */
	itemsIn(slot) {
		const held = this.held[slot];
		return held === -1 ? 0 : this.lengthOf(held);
	}
	addItems(list, from, to) {
		if (from === to) return;
		this.held[list] = this.heldOf(this.held[list], from, to);
	}
	/** What a list holds after the values in slots `from .. to` were added to what it held. */
	heldOf(before, from, to) {
		const code = this.code;
		if (before === -1) {
			const first = code[from];
			if (first > 0 && first >>> 27 <= Kind.atom) {
				const found = this.sequences.find(code, from, to);
				if (found !== -1) return Kind.sequence << 27 | found;
			}
			let slot = from;
			for (; slot < to; slot += 1) {
				const value = code[slot];
				const kind = (value < 0 ? this.valueAt(slot) : value) >>> 27;
				if (kind !== Kind.atom && kind !== Kind.text) break;
			}
			if (slot === to) return Kind.sequence << 27 | this.sequences.intern(code, from, to);
			if (to - from === 2 && code[from] === 0 && code[from + 1] === 0) return this.pairOf(this.num[from], this.num[from + 1]);
		}
		const list = this.listFrom(before);
		for (let slot = from; slot < to; slot += 1) {
			this.valueAt(slot);
			this.addToList(list, this.storedAt(slot));
		}
		return Kind.list << 27 | list;
	}
	/** The code of a pair of numbers. */
	pairOf(a, b) {
		const last = this.lastPair;
		if (this.pairs[last]?.[0] === a && this.pairs[last]?.[1] === b) return Kind.pair << 27 | last;
		let seconds = this.pairNumbers.get(a);
		if (seconds === void 0) {
			seconds = /* @__PURE__ */ new Map();
			this.pairNumbers.set(a, seconds);
		}
		let id = seconds.get(b);
		if (id === void 0) {
			id = this.pairs.length;
			if (id === MOST_RUNS) throw refuse("many_values", { limit: MOST_RUNS });
			this.pairs.push([a, b]);
			seconds.set(b, id);
		}
		this.lastPair = id;
		return Kind.pair << 27 | id;
	}
	setPairs(dict, from, to) {
		if ((to - from & 1) !== 0) throw refuse("odd_pairs");
		const target = this.code[dict];
		if ((target & TOP) !== -1610612736) {
			if (target < 0 || target >>> 27 === Kind.number || !this.sink.update(target, from, to)) throw refuse(target >= 0 && target >>> 27 >= Kind.atom ? "changed" : "not_dict");
			return;
		}
		const held = this.held[dict];
		if (from === to) return;
		if (held === -1 || held === OPAQUE) {
			const taken = this.sink.take(from, to, dict, false);
			if (taken >= 0) {
				if (held === OPAQUE) return;
				this.finish(dict, taken);
				return;
			}
			if (taken === -2) {
				this.held[dict] = OPAQUE;
				return;
			}
		}
		const list = this.listFrom(held === OPAQUE ? -1 : held);
		for (let slot = from; slot < to; slot += 1) {
			this.valueAt(slot);
			this.addToList(list, this.storedAt(slot));
		}
		this.held[dict] = Kind.dict << 27 | list;
	}
	/** The code of the value in this slot; a container that is still open is complete now. */
	valueAt(slot) {
		const code = this.code[slot];
		if (code >= 0 || (code & TOP) === STORED) return code;
		const held = this.held[slot];
		if ((code & TOP) === -2147483648) return this.finish(slot, held === -1 ? EMPTY_LIST$1 : this.finished(held));
		if (held === -1) return this.finish(slot, EMPTY_DICT$1);
		return this.finish(slot, held === OPAQUE ? held : this.offered(held, slot));
	}
	finish(slot, value) {
		this.code[slot] = value;
		const place = this.memoOf[slot];
		if (place !== -1) {
			this.memo[place] = value;
			this.memoOf[slot] = -1;
		}
		return value;
	}
	/** A list of frames that came in several pieces is a sequence after all. */
	finished(held) {
		if (held >>> 27 !== Kind.list || this.listIsPlain[held & 134217727] === 0) return held;
		const list = held & REF;
		const codes = new Int32Array(this.listLength[list]);
		let at = 0;
		this.eachItem(held, (code) => {
			codes[at] = code;
			at += 1;
		});
		return Kind.sequence << 27 | this.sequences.intern(codes, 0, codes.length);
	}
	/** Shows a dict that came in several pieces to the sink once more, as a whole. */
	offered(held, dict) {
		const length = this.lengthOf(held);
		const from = this.sp;
		while (from + length + 8 > this.code.length) {
			const size = this.code.length * 2;
			if (size > MOST_SLOTS) return held;
			this.code = grownInt32(this.code, size);
			this.num = grownFloat64(this.num, size);
			this.memoOf = grownInt32(this.memoOf, size);
			this.held = grownInt32(this.held, size);
		}
		let slot = from;
		this.eachItem(held, (code) => {
			const isNumber = code < 0;
			this.code[slot] = isNumber ? 0 : code;
			if (isNumber) this.num[slot] = this.numbers[code & LOW];
			slot += 1;
		});
		this.sp = slot;
		const taken = this.sink.take(from, slot, dict, true);
		this.sp = from;
		return taken >= 0 ? taken : held;
	}
	/** Keeps the value on top of the stack under `place`. */
	memoize(place) {
		this.need(1);
		const top = this.sp - 1;
		if (place >= this.memo.length) this.memo = grownInt32(this.memo, Math.max(place + 1, this.forecast(place + 1) | 0));
		let code = this.code[top];
		if (code === 0) code = this.storedAt(top);
		else if (code < 0) {
			if (this.memoOf[top] !== -1) throw refuse("changed");
			this.memoOf[top] = place;
		}
		if (this.memo[place] === 0) this.memoCount += 1;
		this.memo[place] = code;
	}
	/** Pushes what is kept under `place`. */
	recall(place) {
		const code = place < this.memo.length ? this.memo[place] : 0;
		if (code === 0) throw refuse("bad_memo", { index: place });
		if (code > 0) {
			this.pushCode(code);
			return;
		}
		if ((code & TOP) === STORED) {
			this.pushNumber(this.numbers[code & LOW]);
			return;
		}
		const slot = code & LOW;
		if (this.beginsGroup(slot + 1) || slot >= this.sp) throw refuse("recursive");
		this.pushCode(this.valueAt(slot));
	}
	/** When all is read nothing refers to the memo any more. */
	forgetMemo() {
		this.memo = /* @__PURE__ */ new Int32Array();
	}
	beginsGroup(slot) {
		for (let i = this.markCount - 1; i >= 0; i -= 1) {
			const mark = this.markAt(i);
			if (mark === slot) return true;
			if (mark < slot) return false;
		}
		return false;
	}
	storedAt(slot) {
		const code = this.code[slot];
		if (code !== 0) return code;
		const id = this.numberCount;
		if (id >= MOST_NUMBERS) throw refuse("many_values", { limit: MOST_NUMBERS });
		if (id === this.numbers.length) this.numbers = grownFloat64(this.numbers, id + 1);
		this.numbers[id] = this.num[slot];
		this.numberCount = id + 1;
		return STORED | id;
	}
	/** A list of its own that begins with what `held` holds. */
	listFrom(held) {
		const kind = held === -1 ? -1 : held >>> 27;
		if (kind === Kind.list || kind === Kind.dict) return held & REF;
		const list = this.listCount;
		if (list >= MOST_RUNS) throw refuse("many_values", { limit: MOST_RUNS });
		if (list >= this.listHead.length) {
			this.listHead = grownInt32(this.listHead, list + 1);
			this.listTail = grownInt32(this.listTail, list + 1);
			this.listLength = grownUint32(this.listLength, list + 1);
			this.listIsPlain = grownUint8(this.listIsPlain, list + 1);
		}
		this.listCount = list + 1;
		this.listHead[list] = -1;
		this.listTail[list] = -1;
		this.listLength[list] = 0;
		this.listIsPlain[list] = 1;
		if (kind >= 0) this.eachItem(held, (code) => this.addToList(list, code));
		return list;
	}
	addToList(list, code) {
		const kind = kindOf(code);
		if (kind !== Kind.atom && kind !== Kind.text) this.listIsPlain[list] = 0;
		this.listLength[list] = this.listLength[list] + 1;
		const tail = this.listTail[list];
		if (tail !== -1) {
			const length = this.runLength[tail];
			const step = code - this.runCode[tail];
			if (length === 1 && (step === 0 || step === 1)) this.runStride[tail] = step;
			if (step === length * this.runStride[tail]) {
				this.runLength[tail] = length + 1;
				return;
			}
		}
		const run = this.runCount;
		if (run >= MOST_RUNS) throw refuse("many_values", { limit: MOST_RUNS });
		if (run >= this.runCode.length) {
			this.runCode = grownInt32(this.runCode, run + 1);
			this.runLength = grownUint32(this.runLength, run + 1);
			this.runStride = grownUint8(this.runStride, run + 1);
			this.runNext = grownInt32(this.runNext, run + 1);
		}
		this.runCount = run + 1;
		this.runCode[run] = code;
		this.runLength[run] = 1;
		this.runStride[run] = 1;
		this.runNext[run] = -1;
		if (tail === -1) this.listHead[list] = run;
		else this.runNext[tail] = run;
		this.listTail[list] = run;
	}
	/** Number of items of a list, of keys and values of a dict. */
	lengthOf(code) {
		switch (kindOf(code)) {
			case Kind.sequence: return this.sequences.lengthOf(refOf(code));
			case Kind.pair: return 2;
			case Kind.list:
			case Kind.dict: return this.listLength[refOf(code)];
			default: return 0;
		}
	}
	/** Each item of a list, each key and value of a dict, in order. */
	eachItem(code, visit) {
		const ref = refOf(code);
		switch (kindOf(code)) {
			case Kind.sequence: {
				const end = this.sequences.start[ref + 1];
				for (let i = this.sequences.start[ref]; i < end; i += 1) visit(this.sequences.items[i]);
				return;
			}
			case Kind.pair:
				for (const value of this.pairs[ref] ?? []) visit(this.stored(value));
				return;
			case Kind.list:
			case Kind.dict:
				this.eachRun(code, (first, length, stride) => {
					for (let i = 0; i < length; i += 1) visit(first + i * stride);
				});
				return;
		}
	}
	/** Each run of a list or dict: `length` codes from `first` on. */
	eachRun(code, visit) {
		for (let run = this.listHead[refOf(code)]; run !== -1;) {
			visit(this.runCode[run], this.runLength[run], this.runStride[run]);
			run = this.runNext[run];
		}
	}
	/** The number that a code of a list's item stands for, or undefined. */
	numberOf(code) {
		return code < 0 && (code & TOP) === STORED ? this.numbers[code & LOW] : void 0;
	}
	stored(value) {
		this.code[this.sp] = 0;
		this.num[this.sp] = value;
		return this.storedAt(this.sp);
	}
};
// src/core/documents/json-stream.ts
/**
* Reads JSON piece by piece into an assembler, RFC 8259 and what Python's json module writes besides
* (NaN, Infinity). A list becomes a list, an object a dict; nothing is kept of a value that was taken.
*/
const LONGEST_TEXT$1 = 1 << 20;
const LONGEST_NUMBER = 400;
const TEXTS$10 = {
	en: {
		unexpected: "The character {name} cannot stand here.",
		cut: "The file ends in the middle.",
		bad_text: "A text has an escape or a control character that JSON does not allow.",
		long_text: "A text is longer than {limit} bytes.",
		bad_number: "A number is not written as JSON wants it.",
		todo: "The file is damaged or no JSON: write it again with json.dump(torch.cuda.memory._snapshot(), f), or better with torch.cuda.memory._dump_snapshot()."
	},
	zh: {
		unexpected: "此处不能出现字符 {name}。",
		cut: "文件在中途结束。",
		bad_text: "有一个字符串含有 JSON 不允许的转义或控制字符。",
		long_text: "有一个字符串超过 {limit} 字节。",
		bad_number: "有一个数字的写法不符合 JSON。",
		todo: "文件已损坏或不是 JSON：用 json.dump(torch.cuda.memory._snapshot(), f) 重新写出，最好使用 torch.cuda.memory._dump_snapshot()。"
	},
	ru: {
		unexpected: "Символ {name} здесь стоять не может.",
		cut: "Файл обрывается на середине.",
		bad_text: "В строке есть escape-последовательность или управляющий символ, недопустимые в JSON.",
		long_text: "Строка длиннее {limit} байт.",
		bad_number: "Число записано не по правилам JSON.",
		todo: "Файл повреждён или это не JSON: запиши его заново через json.dump(torch.cuda.memory._snapshot(), f), а лучше через torch.cuda.memory._dump_snapshot()."
	}
};
const refused = (key, params = {}) => new Refusal(`snapshot-json-${key.replaceAll("_", "-")}`, say(TEXTS$10, key, params), say(TEXTS$10, "todo"));
/** What may come next. */
const Want = {
	value: 0,
	/** A value, or the end of the list that was just opened. */
	valueOrEnd: 1,
	key: 2,
	keyOrEnd: 3,
	colon: 4,
	commaOrEnd: 5,
	nothing: 6
};
const QUOTE = 34;
const BACKSLASH = 92;
var JsonReader = class {
	/** Where the token begins that is being read. */
	offset = 0;
	trailing = 0;
	roundedIntegers = 0;
	firstRounded = 0;
	assembler;
	want = Want.value;
	/** 1 for each open object, 0 for each open list. */
	isObject = /* @__PURE__ */ new Uint8Array(1024);
	depth = 0;
	/** A token that began in the piece before. */
	rest = /* @__PURE__ */ new Uint8Array(1024);
	restLength = 0;
	/** How much of it was looked through for its end. */
	scanned = 0;
	/** Texts with escapes are put together here. */
	scratch = /* @__PURE__ */ new Uint8Array(1024);
	/** Offset of the first byte that was not read. */
	base = 0;
	constructor(assembler) {
		this.assembler = assembler;
	}
	get isOver() {
		return this.want === Want.nothing;
	}
	push(chunk) {
		let at = 0;
		while (this.restLength > 0 && at < chunk.length) {
			const before = this.restLength;
			const taken = Math.min(chunk.length - at, Math.max(256, before));
			this.keep(chunk, at, at + taken);
			const read = this.run(this.rest, 0, this.restLength, false);
			if (read >= before) {
				this.restLength = 0;
				at += read - before;
			} else {
				this.rest.copyWithin(0, read, this.restLength);
				this.restLength -= read;
				at += taken;
			}
		}
		if (at === chunk.length) return;
		const read = this.run(chunk, at, chunk.length, false);
		this.keep(chunk, read, chunk.length);
	}
	finish() {
		const length = this.restLength;
		this.restLength = 0;
		this.run(this.rest.slice(0, length), 0, length, true);
		if (!this.isOver) throw refused("cut");
	}
	keep(chunk, from, to) {
		const length = this.restLength + (to - from);
		if (length > LONGEST_TEXT$1 * 2) throw refused("long_text", { limit: LONGEST_TEXT$1 });
		if (length > this.rest.length) {
			const grown = new Uint8Array(Math.max(length, this.rest.length * 2));
			grown.set(this.rest.subarray(0, this.restLength));
			this.rest = grown;
		}
		this.rest.set(chunk.subarray(from, to), this.restLength);
		this.restLength = length;
	}
	/** Reads the tokens that are there as a whole; gives the place of the first byte that was not read. */
	run(buffer, from, to, isLast) {
		let pos = from;
		const origin = this.base - from;
		while (pos < to) {
			const byte = buffer[pos];
			if (byte === 32 || byte === 10 || byte === 13 || byte === 9) {
				pos += 1;
				continue;
			}
			this.offset = origin + pos;
			if (this.want === Want.nothing) {
				this.trailing += to - pos;
				pos = to;
				break;
			}
			const next = this.token(byte, buffer, pos, to, isLast);
			if (next < 0) break;
			pos = next;
		}
		this.base = origin + pos;
		return pos;
	}
	/** Takes the token at `pos`, gives the place behind it; -1 when its end is not there yet. */
	token(byte, buffer, pos, to, isLast) {
		const a = this.assembler;
		const { want } = this;
		switch (byte) {
			case QUOTE: {
				const isKey = want === Want.key || want === Want.keyOrEnd;
				if (!isKey && !this.wantsValue()) break;
				const end = this.text(buffer, pos + 1, to, isLast);
				if (end < 0) return -1;
				if (isKey) this.want = Want.colon;
				else this.valueDone();
				return end;
			}
			case 44:
				if (want !== Want.commaOrEnd) break;
				this.want = this.isObject[this.depth - 1] === 1 ? Want.key : Want.value;
				return pos + 1;
			case 58:
				if (want !== Want.colon) break;
				this.want = Want.value;
				return pos + 1;
			case 123:
				if (!this.wantsValue()) break;
				a.openDict();
				this.descend(1);
				this.want = Want.keyOrEnd;
				return pos + 1;
			case 91:
				if (!this.wantsValue()) break;
				a.openList();
				this.descend(0);
				this.want = Want.valueOrEnd;
				return pos + 1;
			case 125:
				if (want !== Want.keyOrEnd && !(want === Want.commaOrEnd && this.isInside(1))) break;
				a.setItems();
				this.depth -= 1;
				this.valueDone();
				return pos + 1;
			case 93:
				if (want !== Want.valueOrEnd && !(want === Want.commaOrEnd && this.isInside(0))) break;
				a.appends();
				this.depth -= 1;
				this.valueDone();
				return pos + 1;
			default: if (this.wantsValue()) return this.word(byte, buffer, pos, to, isLast);
		}
		throw unexpected(byte);
	}
	wantsValue() {
		return this.want === Want.value || this.want === Want.valueOrEnd;
	}
	isInside(kind) {
		return this.depth > 0 && this.isObject[this.depth - 1] === kind;
	}
	/** The assembler bounds the depth. */
	descend(kind) {
		this.assembler.mark();
		this.isObject[this.depth] = kind;
		this.depth += 1;
	}
	valueDone() {
		this.want = this.depth === 0 ? Want.nothing : Want.commaOrEnd;
	}
	/** A number or a literal. */
	word(byte, buffer, pos, to, isLast) {
		const a = this.assembler;
		let end = pos;
		let value = 0;
		while (end < to) {
			const digit = buffer[end] - 48;
			if (digit < 0 || digit > 9) break;
			value = value * 10 + digit;
			end += 1;
		}
		const digits = end - pos;
		while (end < to && isWordByte(buffer[end])) end += 1;
		if (end === to && !isLast) {
			if (end - pos > LONGEST_NUMBER) throw refused("bad_number");
			return -1;
		}
		if (digits > 0 && digits === end - pos && digits < 16) {
			if (digits > 1 && byte === 48) throw refused("bad_number");
			a.pushNumber(value);
		} else {
			if (end === pos) throw unexpected(byte);
			if (end - pos > LONGEST_NUMBER) throw refused("bad_number");
			this.literal(String.fromCharCode(...buffer.subarray(pos, end)));
		}
		this.valueDone();
		return end;
	}
	literal(word) {
		const a = this.assembler;
		switch (word) {
			case "true":
				a.pushCode(TRUE_CODE);
				return;
			case "false":
				a.pushCode(FALSE_CODE);
				return;
			case "null":
				a.pushCode(NONE_CODE);
				return;
			case "NaN":
				a.pushNumber(NaN);
				return;
			case "Infinity":
				a.pushNumber(Number.POSITIVE_INFINITY);
				return;
			case "-Infinity":
				a.pushNumber(Number.NEGATIVE_INFINITY);
				return;
		}
		if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(word)) throw refused("bad_number");
		const value = Number(word);
		if (!/[.eE]/.test(word) && !Number.isSafeInteger(value)) {
			if (this.roundedIntegers === 0) this.firstRounded = this.offset;
			this.roundedIntegers += 1;
		}
		a.pushNumber(value);
	}
	/** The text that begins at `from`; gives the place behind its closing quote, -1 when that is missing. */
	text(buffer, from, to, isLast) {
		let end = from + this.scanned;
		let hasEscape = false;
		while (end < to) {
			const byte = buffer[end];
			if (byte === QUOTE) break;
			if (byte === BACKSLASH) {
				hasEscape = true;
				end += 1;
			} else if (byte < 32) throw refused("bad_text");
			end += 1;
		}
		if (end - from > LONGEST_TEXT$1) throw refused("long_text", { limit: LONGEST_TEXT$1 });
		if (end >= to) {
			if (isLast) throw refused("cut");
			this.scanned = (end > to ? to - 1 : to) - from;
			return -1;
		}
		if (this.scanned > 0) {
			hasEscape ||= buffer.subarray(from, end).includes(BACKSLASH);
			this.scanned = 0;
		}
		if (!hasEscape) this.assembler.pushText(buffer, from, end);
		else {
			const length = this.unescape(buffer, from, end);
			this.assembler.pushText(this.scratch, 0, length);
		}
		return end + 1;
	}
	/** Writes the text without escapes to the scratch array, as UTF-8; gives its length. */
	unescape(buffer, from, to) {
		if (this.scratch.length < to - from) this.scratch = new Uint8Array((to - from) * 2);
		const out = this.scratch;
		let length = 0;
		let pos = from;
		while (pos < to) {
			const byte = buffer[pos];
			if (byte !== BACKSLASH) {
				out[length] = byte;
				length += 1;
				pos += 1;
				continue;
			}
			const letter = buffer[pos + 1];
			if (letter !== 117) {
				const plain = ESCAPES.get(letter);
				if (plain === void 0) throw refused("bad_text");
				out[length] = plain;
				length += 1;
				pos += 2;
				continue;
			}
			let point = hex4(buffer, pos + 2, to);
			pos += 6;
			if (point >= 55296 && point < 56320 && buffer[pos] === BACKSLASH && buffer[pos + 1] === 117) {
				const low = hex4(buffer, pos + 2, to);
				if (low >= 56320 && low < 57344) {
					point = 65536 + (point - 55296 << 10) + (low - 56320);
					pos += 6;
				}
			}
			length = putUtf8(out, length, point);
		}
		return length;
	}
};
const ESCAPES = /* @__PURE__ */ new Map([
	[QUOTE, QUOTE],
	[BACKSLASH, BACKSLASH],
	[47, 47],
	[98, 8],
	[102, 12],
	[110, 10],
	[114, 13],
	[116, 9]
]);
/** Letters, digits and signs: what numbers and literals are made of. */
const isWordByte = (byte) => byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122 || byte === 46 || byte === 43 || byte === 45;
function unexpected(byte) {
	const name = byte > 32 && byte < 127 ? `"${String.fromCharCode(byte)}"` : `0x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
	return refused("unexpected", { name });
}
function hex4(buffer, at, to) {
	if (at + 4 > to) throw refused("bad_text");
	let value = 0;
	for (let i = 0; i < 4; i += 1) {
		const digit = Number.parseInt(String.fromCharCode(buffer[at + i]), 16);
		if (Number.isNaN(digit)) throw refused("bad_text");
		value = value * 16 + digit;
	}
	return value;
}
/** A half of a surrogate pair is written as pickles write it, as three bytes. */
function putUtf8(out, at, point) {
	if (point < 128) {
		out[at] = point;
		return at + 1;
	}
	if (point < 2048) {
		out[at] = 192 | point >> 6;
		out[at + 1] = 128 | point & 63;
		return at + 2;
	}
	if (point < 65536) {
		out[at] = 224 | point >> 12;
		out[at + 1] = 128 | point >> 6 & 63;
		out[at + 2] = 128 | point & 63;
		return at + 3;
	}
	out[at] = 240 | point >> 18;
	out[at + 1] = 128 | point >> 12 & 63;
	out[at + 2] = 128 | point >> 6 & 63;
	out[at + 3] = 128 | point & 63;
	return at + 4;
}
// src/core/documents/pickle-opcodes.ts
const BY_BYTE = /* @__PURE__ */ new Map([
	[40, "MARK"],
	[46, "STOP"],
	[48, "POP"],
	[49, "POP_MARK"],
	[50, "DUP"],
	[70, "FLOAT"],
	[73, "INT"],
	[74, "BININT"],
	[75, "BININT1"],
	[76, "LONG"],
	[77, "BININT2"],
	[78, "NONE"],
	[80, "PERSID"],
	[81, "BINPERSID"],
	[82, "REDUCE"],
	[83, "STRING"],
	[84, "BINSTRING"],
	[85, "SHORT_BINSTRING"],
	[86, "UNICODE"],
	[88, "BINUNICODE"],
	[97, "APPEND"],
	[98, "BUILD"],
	[99, "GLOBAL"],
	[100, "DICT"],
	[125, "EMPTY_DICT"],
	[101, "APPENDS"],
	[103, "GET"],
	[104, "BINGET"],
	[105, "INST"],
	[106, "LONG_BINGET"],
	[108, "LIST"],
	[93, "EMPTY_LIST"],
	[111, "OBJ"],
	[112, "PUT"],
	[113, "BINPUT"],
	[114, "LONG_BINPUT"],
	[115, "SETITEM"],
	[116, "TUPLE"],
	[41, "EMPTY_TUPLE"],
	[117, "SETITEMS"],
	[71, "BINFLOAT"],
	[128, "PROTO"],
	[129, "NEWOBJ"],
	[130, "EXT1"],
	[131, "EXT2"],
	[132, "EXT4"],
	[133, "TUPLE1"],
	[134, "TUPLE2"],
	[135, "TUPLE3"],
	[136, "NEWTRUE"],
	[137, "NEWFALSE"],
	[138, "LONG1"],
	[139, "LONG4"],
	[66, "BINBYTES"],
	[67, "SHORT_BINBYTES"],
	[140, "SHORT_BINUNICODE"],
	[141, "BINUNICODE8"],
	[142, "BINBYTES8"],
	[143, "EMPTY_SET"],
	[144, "ADDITEMS"],
	[145, "FROZENSET"],
	[146, "NEWOBJ_EX"],
	[147, "STACK_GLOBAL"],
	[148, "MEMOIZE"],
	[149, "FRAME"],
	[150, "BYTEARRAY8"],
	[151, "NEXT_BUFFER"],
	[152, "READONLY_BUFFER"]
]);
/** "REDUCE", or "0x0A" for a byte that is no operation. */
function opcodeName(byte) {
	return BY_BYTE.get(byte) ?? `0x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
/** Operations that construct or call something, or take what is not in the file. They are never run. */
const ACTIVE = /* @__PURE__ */ new Set([
	80,
	81,
	82,
	98,
	99,
	105,
	111,
	129,
	130,
	131,
	132,
	146,
	147,
	151,
	152
]);
const isActive = (byte) => ACTIVE.has(byte);
const isKnown$1 = (byte) => BY_BYTE.has(byte);
// src/core/documents/pickle.ts
/**
* Reads a pickle as data, piece by piece: protocols 2 to 5, and what the C++ pickler of PyTorch writes.
* Whatever would construct or call something is refused before it is run.
*
* Operations: Lib/pickle.py and Lib/pickletools.py of CPython.
*/
/** The longest text that is kept; longer ones are skipped as opaque values. */
const LONGEST_TEXT = 1 << 20;
/** Bytes of an integer. PyTorch writes at most 9. */
const LONGEST_INTEGER = 32;
/** An operation and its operand at most, a text's bytes left out. */
const HEAD = 10;
/** Slots that are free whenever an operation begins. */
const SPARE = 8;
const MARK = 40;
const EMPTY_LIST = 93;
const EMPTY_DICT = 125;
const LONG1 = 138;
const MEMOIZE = 148;
const BININT = 74;
const BININT1 = 75;
const BINGET = 104;
const LONG_BINGET = 106;
/** The common operations numbered without gaps: a switch over them is a jump, not a row of questions. */
const Dense = {
	LONG_BINGET: 1,
	BINGET: 2,
	BININT1: 3,
	BININT: 4,
	LONG1: 5,
	MEMOIZE: 6,
	MARK: 7,
	EMPTY_DICT: 8,
	EMPTY_LIST: 9
};
const DENSE = /* @__PURE__ */ new Uint8Array(256);
DENSE[LONG_BINGET] = Dense.LONG_BINGET;
DENSE[BINGET] = Dense.BINGET;
DENSE[BININT1] = Dense.BININT1;
DENSE[BININT] = Dense.BININT;
DENSE[LONG1] = Dense.LONG1;
DENSE[MEMOIZE] = Dense.MEMOIZE;
DENSE[MARK] = Dense.MARK;
DENSE[EMPTY_DICT] = Dense.EMPTY_DICT;
DENSE[EMPTY_LIST] = Dense.EMPTY_LIST;
/** The upper half of 2^53. */
const SAFE_HIGH = 2 ** 21;
const TEXTS$9 = {
	en: {
		active: "It wants to run code: {name}. A memory snapshot is plain data.",
		unknown: "The byte {name} is no operation of a pickle.",
		unused: "The operation {name} never occurs in a memory snapshot.",
		protocol: "It is a pickle of protocol {protocol}; 2 to 5 can be read.",
		no_proto: "It is no pickle of protocol 2 or later.",
		cut: "The file ends in the middle.",
		negative: "A length is negative.",
		huge_int: "An integer is {bytes} bytes long.",
		stop: "The file ends with {count} values instead of one.",
		todo_active: "Do not load this file in Python either unless you trust who made it. Record a snapshot with torch.cuda.memory._dump_snapshot().",
		todo_cut: "Copy it again; if the job was killed while it wrote the file, record the snapshot again.",
		todo_protocol: "Write it with torch.cuda.memory._dump_snapshot(), or pickle.dump(…, protocol=4).",
		todo_damaged: "The file is damaged or was not written by PyTorch: copy it again, or record it again."
	},
	zh: {
		active: "文件想要执行代码：{name}。内存快照只应包含数据。",
		unknown: "字节 {name} 不是 pickle 的操作码。",
		unused: "内存快照中不会出现操作 {name}。",
		protocol: "这是协议 {protocol} 的 pickle；可读取的是 2 到 5。",
		no_proto: "这不是协议 2 或更高版本的 pickle。",
		cut: "文件在中途结束。",
		negative: "有一个长度为负数。",
		huge_int: "有一个整数长达 {bytes} 字节。",
		stop: "文件结束时有 {count} 个值，而应当只有一个。",
		todo_active: "除非信任文件的制作者，否则也不要在 Python 中加载它。用 torch.cuda.memory._dump_snapshot() 重新录制快照。",
		todo_cut: "重新复制；如果作业在写文件时被终止，重新录制快照。",
		todo_protocol: "用 torch.cuda.memory._dump_snapshot() 或 pickle.dump(…, protocol=4) 写出。",
		todo_damaged: "文件已损坏，或不是由 PyTorch 写出的：重新复制或重新录制。"
	},
	ru: {
		active: "Файл хочет выполнить код: {name}. Снимок памяти — это только данные.",
		unknown: "Байт {name} не является операцией pickle.",
		unused: "Операция {name} в снимках памяти не встречается.",
		protocol: "Это pickle протокола {protocol}; читаются протоколы со 2 по 5.",
		no_proto: "Это не pickle протокола 2 или новее.",
		cut: "Файл обрывается на середине.",
		negative: "Отрицательная длина.",
		huge_int: "Целое число длиной {bytes} байт.",
		stop: "В конце файла {count} значений вместо одного.",
		todo_active: "Не загружай этот файл и в Python, если не доверяешь его автору. Сними снимок через torch.cuda.memory._dump_snapshot().",
		todo_cut: "Скопируй файл заново; если задачу убили во время записи, сними снимок ещё раз.",
		todo_protocol: "Запиши его через torch.cuda.memory._dump_snapshot() или pickle.dump(…, protocol=4).",
		todo_damaged: "Файл повреждён или записан не PyTorch: скопируй его заново или сними ещё раз."
	}
};
const damaged = (key, params = {}) => new Refusal(`snapshot-${key.replaceAll("_", "-")}`, say(TEXTS$9, key, params), say(TEXTS$9, "todo_damaged"));
const isCut = () => new Refusal("snapshot-cut", say(TEXTS$9, "cut"), say(TEXTS$9, "todo_cut"));
var PickleReader = class {
	/** Where the operation begins that is being run, and its byte: for whoever reports a refusal. */
	offset = 0;
	opcode = 128;
	protocol;
	isOver = false;
	/** Bytes after the end. */
	trailing = 0;
	/** Integers beyond 2^53, which lost their last digits, and where the first of them stands. */
	roundedIntegers = 0;
	firstRounded = 0;
	assembler;
	/** What is left of the piece before: a part of an operation. */
	rest = /* @__PURE__ */ new Uint8Array(1024);
	restLength = 0;
	/** Bytes that the operation at its beginning needs. */
	needed = HEAD;
	/** Bytes of a long text that are skipped. */
	skip = 0;
	/** Offset of the first byte that was not read yet. */
	base = 0;
	/** Where the operation begins that is being run, in its buffer; and the buffer's offset in the file. */
	start = 0;
	origin = 0;
	constructor(assembler) {
		this.assembler = assembler;
	}
	get opcodeName() {
		return opcodeName(this.opcode);
	}
	/** Reads a piece. Throws a Refusal. The piece is not kept. */
	push(chunk) {
		let at = 0;
		while (this.restLength > 0 && at < chunk.length) {
			const before = this.restLength;
			const taken = Math.min(chunk.length - at, Math.max(64, this.needed - before));
			this.keep(chunk, at, at + taken);
			if (this.restLength < this.needed) return;
			const read = this.run(this.rest, 0, this.restLength, false);
			if (read >= before) {
				this.restLength = 0;
				at += read - before;
			} else {
				this.rest.copyWithin(0, read, this.restLength);
				this.restLength -= read;
				at += taken;
			}
		}
		if (at === chunk.length) return;
		const read = this.run(chunk, at, chunk.length, false);
		this.keep(chunk, read, chunk.length);
	}
	/** Reads what is left. Throws a Refusal when the end is missing. */
	finish() {
		const length = this.restLength;
		this.needed = HEAD;
		this.rest = roomFor(this.rest, length, length + HEAD);
		this.rest.fill(0, length);
		this.run(this.rest, 0, length, true);
		if (!this.isOver) throw isCut();
	}
	keep(chunk, from, to) {
		const length = this.restLength + (to - from);
		this.rest = roomFor(this.rest, this.restLength, length + HEAD);
		this.rest.set(chunk.subarray(from, to), this.restLength);
		this.restLength = length;
	}
	/**
	* Runs the operations in `buffer[from .. to]` that are there as a whole, gives the place of the first
	* byte that was not read. With `isLast` the buffer has HEAD more bytes behind `to`.
	*/
	run(buffer, from, to, isLast) {
		const limit = isLast ? to : to - HEAD + 1;
		const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
		this.origin = this.base - from;
		let pos = from;
		this.needed = HEAD;
		if (this.skip > 0) {
			const skipped = Math.min(this.skip, to - pos);
			this.skip -= skipped;
			pos += skipped;
			if (this.skip > 0 && isLast) throw isCut();
		}
		if (this.isOver) {
			this.trailing += to - pos;
			this.base += to - from;
			return to;
		}
		try {
			while (pos < limit) {
				pos = this.common(buffer, view, pos, limit);
				if (pos >= limit) break;
				const start = pos;
				this.start = start;
				pos = this.step(buffer[pos], buffer, start, to, isLast);
				if (pos === start || this.isOver) break;
			}
			if (isLast && pos > to) throw isCut();
		} catch (error) {
			this.offset = this.origin + this.start;
			this.opcode = buffer[this.start] ?? 0;
			throw error;
		}
		this.base += pos - from;
		if (!this.isOver) this.offset = this.base;
		return pos;
	}
	/**
	* Runs the operations that files consist of for the most part, up to one that is something else or that
	* is not as simple as it mostly is; gives its place. Nothing is called in this loop, so that the engine
	* keeps the stack in registers: it does what the assembler's methods of the same names do.
	*/
	common(buffer, view, from, limit) {
		const a = this.assembler;
		if (a.sp + SPARE > a.code.length) a.makeRoom();
		const { code, num, memoOf, held, memo, marks } = a;
		const full = code.length - SPARE;
		let { sp, memoCount, markCount } = a;
		let pos = from;
		loop: while (pos < limit && sp < full) switch (DENSE[buffer[pos]]) {
			case 2: {
				const value = memo[buffer[pos + 1]];
				if (value <= 0) break loop;
				code[sp] = value;
				sp += 1;
				pos += 2;
				break;
			}
			case 1: {
				const place = view.getInt32(pos + 1, true);
				if (place < 0 || place >= memo.length) break loop;
				const value = memo[place];
				if (value <= 0) break loop;
				code[sp] = value;
				sp += 1;
				pos += 5;
				break;
			}
			case 3:
				code[sp] = 0;
				num[sp] = buffer[pos + 1];
				sp += 1;
				pos += 2;
				break;
			case 4:
				code[sp] = 0;
				num[sp] = view.getInt32(pos + 1, true);
				sp += 1;
				pos += 5;
				break;
			case 5: {
				const length = buffer[pos + 1];
				if (length < 5 || length > 8) break loop;
				const rest = 8 * (8 - length);
				const high = view.getInt32(pos + 6, true) << rest >> rest;
				if (high >= SAFE_HIGH || high < -SAFE_HIGH) break loop;
				code[sp] = 0;
				num[sp] = high * 2 ** 32 + view.getUint32(pos + 2, true);
				sp += 1;
				pos += 2 + length;
				break;
			}
			case 6: {
				if (sp === 0 || memoCount >= memo.length || memo[memoCount] !== 0) break loop;
				if (markCount > 0 && marks[markCount - 1] >= sp) break loop;
				const value = code[sp - 1];
				if (value === 0) break loop;
				if (value < 0) {
					if (memoOf[sp - 1] !== -1) break loop;
					memoOf[sp - 1] = memoCount;
				}
				memo[memoCount] = value;
				memoCount += 1;
				pos += 1;
				break;
			}
			case 7:
				if (markCount === marks.length) break loop;
				marks[markCount] = sp;
				markCount += 1;
				pos += 1;
				break;
			case 8:
				code[sp] = OPEN_DICT | sp;
				memoOf[sp] = -1;
				held[sp] = -1;
				sp += 1;
				pos += 1;
				break;
			case 9:
				code[sp] = OPEN_LIST | sp;
				memoOf[sp] = -1;
				held[sp] = -1;
				sp += 1;
				pos += 1;
				break;
			default: break loop;
		}
		a.sp = sp;
		a.memoCount = memoCount;
		a.markCount = markCount;
		return pos;
	}
	/** Runs the operation at `start`, gives the place behind it; `start` when some of its bytes are missing. */
	step(op, buffer, start, to, isLast) {
		const a = this.assembler;
		const pos = start + 1;
		switch (op) {
			case MEMOIZE:
				a.memoize(a.memoCount);
				return pos;
			case BININT1:
				a.pushNumber(buffer[pos]);
				return pos + 1;
			case BININT:
				a.pushNumber(int32(buffer, pos));
				return pos + 4;
			case BINGET:
				a.recall(buffer[pos]);
				return pos + 1;
			case LONG_BINGET:
				a.recall(uint32(buffer, pos));
				return pos + 4;
			case MARK:
				a.mark();
				return pos;
			case EMPTY_DICT:
				a.openDict();
				return pos;
			case 117:
				a.setItems();
				return pos;
			case LONG1: {
				const length = buffer[pos];
				if (length > 8) return this.long(buffer, pos + 1, length, to, isLast);
				const value = integer(buffer, pos + 1, length);
				if (length > 6 && !Number.isSafeInteger(value)) this.rounded();
				a.pushNumber(value);
				return pos + 1 + length;
			}
			case 140: return this.text(buffer, pos + 1, buffer[pos], to, isLast);
			case EMPTY_LIST:
				a.openList();
				return pos;
			case 101:
				a.appends();
				return pos;
			case 77:
				a.pushNumber(buffer[pos] | buffer[pos + 1] << 8);
				return pos + 2;
			case 113:
				a.memoize(this.place(buffer[pos]));
				return pos + 1;
			case 114:
				a.memoize(this.place(uint32(buffer, pos)));
				return pos + 4;
			case 97:
				a.append();
				return pos;
			case 134:
				a.tuple(2);
				return pos;
			case 88: return this.text(buffer, pos + 4, uint32(buffer, pos), to, isLast);
			case 115:
				a.setItem();
				return pos;
			case 136:
				a.pushCode(TRUE_CODE);
				return pos;
			case 137:
				a.pushCode(FALSE_CODE);
				return pos;
			case 78:
				a.pushCode(NONE_CODE);
				return pos;
			case 71:
				a.pushNumber(float64(buffer, pos));
				return pos + 8;
			case 149: return pos + 8;
			default: return this.rare(op, buffer, start, to, isLast);
		}
	}
	/** Operations that files of PyTorch have once or never. As `step`. */
	rare(op, buffer, start, to, isLast) {
		const a = this.assembler;
		const pos = start + 1;
		switch (op) {
			case 128: return this.proto(buffer[pos], pos);
			case 46:
				if (pos > to) throw isCut();
				if (a.sp !== 1 || a.markCount > 0) throw damaged("stop", { count: a.sp });
				a.valueAt(0);
				this.isOver = true;
				this.trailing += to - pos;
				return to;
			case 41:
				a.mark();
				a.groupToList();
				return pos;
			case 133:
				a.tuple(1);
				return pos;
			case 135:
				a.tuple(3);
				return pos;
			case 116:
			case 108:
				a.groupToList();
				return pos;
			case 100:
				a.groupToDict();
				return pos;
			case 48:
				a.pop();
				return pos;
			case 49:
				a.popToMark();
				return pos;
			case 50:
				a.duplicate();
				return pos;
			case 139: return this.long(buffer, pos + 4, int32(buffer, pos), to, isLast);
			case 85: return this.text(buffer, pos + 1, buffer[pos], to, isLast);
			case 84: return this.text(buffer, pos + 4, int32(buffer, pos), to, isLast);
			case 141: return this.text(buffer, pos + 8, uint64(buffer, pos), to, isLast);
			case 67: return this.opaque(pos + 1, buffer[pos], to, isLast);
			case 66: return this.opaque(pos + 4, uint32(buffer, pos), to, isLast);
			case 142:
			case 150: return this.opaque(pos + 8, uint64(buffer, pos), to, isLast);
			default: throw refusedOpcode(op);
		}
	}
	/** A text of `length` bytes from `at` on. */
	text(buffer, at, length, to, isLast) {
		if (length > LONGEST_TEXT || length < 0) return this.opaque(at, length, to, isLast);
		if (at + length > to) return this.missing(at, length, isLast);
		this.assembler.pushText(buffer, at, at + length);
		return at + length;
	}
	/** Bytes that nothing here needs. They may reach into pieces to come. */
	opaque(at, length, to, isLast) {
		if (length < 0) throw damaged("negative");
		const there = Math.min(length, Math.max(0, to - at));
		this.skip = length - there;
		if (this.skip > 0 && isLast) throw isCut();
		this.assembler.pushCode(OPAQUE);
		return at + there;
	}
	/** An integer of more than 8 bytes, or of any length given by four. */
	long(buffer, at, length, to, isLast) {
		if (length < 0) throw damaged("negative");
		if (length > LONGEST_INTEGER) throw damaged("huge_int", { bytes: length });
		if (at + length > to) return this.missing(at, length, isLast);
		let value = 0n;
		for (let i = length - 1; i >= 0; i -= 1) value = value << 8n | BigInt(buffer[at + i]);
		const nearest = Number(BigInt.asIntN(8 * length, value));
		if (!Number.isSafeInteger(nearest)) this.rounded();
		this.assembler.pushNumber(nearest);
		return at + length;
	}
	/** The operation has to wait for the next piece. */
	missing(at, length, isLast) {
		if (isLast) throw isCut();
		this.needed = at - this.start + length;
		return this.start;
	}
	proto(protocol, pos) {
		if (protocol < 2 || protocol > 5) throw new Refusal("snapshot-protocol", say(TEXTS$9, "protocol", { protocol }), say(TEXTS$9, "todo_protocol"));
		this.protocol ??= protocol;
		return pos + 1;
	}
	/** A place of the memo. Each stored value took a byte at least: a place far ahead is no honest one. */
	place(place) {
		if (place > this.origin + this.start) throw refuse("bad_memo", { index: place });
		return place;
	}
	rounded() {
		if (this.roundedIntegers === 0) this.firstRounded = this.origin + this.start;
		this.roundedIntegers += 1;
	}
};
function refusedOpcode(op) {
	const name = opcodeName(op);
	if (isActive(op)) return new Refusal("snapshot-code", say(TEXTS$9, "active", { name }), say(TEXTS$9, "todo_active"));
	return damaged(isKnown$1(op) ? "unused" : "unknown", { name });
}
const int32 = (buffer, at) => buffer[at] | buffer[at + 1] << 8 | buffer[at + 2] << 16 | buffer[at + 3] << 24;
const uint32 = (buffer, at) => int32(buffer, at) >>> 0;
const uint64 = (buffer, at) => uint32(buffer, at + 4) * 2 ** 32 + uint32(buffer, at);
/** Two's complement of up to 8 bytes: rounded once, to the nearest double. */
function integer(buffer, at, length) {
	if (length === 0) return 0;
	const top = buffer[at + length - 1] << 24 >> 24;
	let low = 0;
	let high = 0;
	for (let i = length - 1; i >= 0; i -= 1) {
		const byte = i === length - 1 ? top : buffer[at + i];
		if (i >= 4) high = high * 256 + byte;
		else low = low * 256 + byte;
	}
	return high * 2 ** 32 + low;
}
const FLOAT = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));
function float64(buffer, at) {
	for (let i = 0; i < 8; i += 1) FLOAT.setUint8(i, buffer[at + i]);
	return FLOAT.getFloat64(0);
}
function roomFor(old, used, least) {
	if (least <= old.length) return old;
	const grown = new Uint8Array(Math.max(least, old.length * 2));
	grown.set(old.subarray(0, used));
	return grown;
}
// src/core/snapshot/columns.ts
/** An id that refers to nothing. */
const NONE = 4294967295;
const Action = {
	alloc: 0,
	freeRequested: 1,
	freeCompleted: 2,
	segmentAlloc: 3,
	segmentFree: 4,
	segmentMap: 5,
	segmentUnmap: 6,
	snapshot: 7,
	oom: 8,
	other: 9
};
/** The state of a block. `inactive` is free; `pendingFree` is freed but waits for a stream. */
const BlockState = {
	inactive: 0,
	active: 1,
	pendingFree: 2
};
// src/core/snapshot/integrity.ts
const MIB$1 = 2 ** 20;
/** Violations of a kind that are shown. */
const SHOWN = 3;
const RULES = [
	"total",
	"allocated",
	"active",
	"requested",
	"neighbours",
	"segment_size",
	"block_place",
	"segment_overlap",
	"time"
];
const TEXTS$8 = {
	en: {
		total: "The blocks of {count} segments do not add up to the size of the segment.",
		allocated: "The allocated blocks of {count} segments do not add up to what the segment states.",
		active: "The active blocks of {count} segments do not add up to what the segment states.",
		requested: "The requested bytes of {count} segments do not add up to what the segment states.",
		neighbours: "{count} times two free blocks lie side by side; the allocator joins such blocks.",
		segment_size: "{count} segments have a size that the allocator does not ask for.",
		block_place: "{count} blocks do not begin where the one before them ends.",
		segment_overlap: "{count} segments overlap the one before them.",
		time: "{count} events are earlier than the one before them.",
		why: "Found ≠ expected: {examples}.",
		todo: "The file may be damaged or edited: figures of these places are uncertain. Record it again if they matter."
	},
	zh: {
		total: "有 {count} 个段的块大小之和与段大小不符。",
		allocated: "有 {count} 个段的已分配块之和与段中记录的不符。",
		active: "有 {count} 个段的活动块之和与段中记录的不符。",
		requested: "有 {count} 个段的请求字节数之和与段中记录的不符。",
		neighbours: "有 {count} 处两个空闲块相邻；分配器会合并这样的块。",
		segment_size: "有 {count} 个段的大小不是分配器会申请的大小。",
		block_place: "有 {count} 个块的起点与前一个块的终点不一致。",
		segment_overlap: "有 {count} 个段与前一个重叠。",
		time: "有 {count} 个事件的时间早于前一个事件。",
		why: "实际 ≠ 预期：{examples}。",
		todo: "文件可能已损坏或被改动：这些位置的数字不可靠。如果它们重要，重新录制。"
	},
	ru: {
		total: "Сегментов, у которых сумма блоков не равна размеру сегмента: {count}.",
		allocated: "Сегментов, у которых сумма выделенных блоков не равна записанной: {count}.",
		active: "Сегментов, у которых сумма активных блоков не равна записанной: {count}.",
		requested: "Сегментов, у которых сумма запрошенных байтов не равна записанной: {count}.",
		neighbours: "Мест, где рядом лежат два свободных блока: {count}; аллокатор такие блоки объединяет.",
		segment_size: "Сегментов такого размера, какой аллокатор не запрашивает: {count}.",
		block_place: "Блоков, которые начинаются не там, где закончился предыдущий: {count}.",
		segment_overlap: "Сегментов, которые перекрывают предыдущий: {count}.",
		time: "Событий, которые раньше предыдущего: {count}.",
		why: "Найдено ≠ ожидалось: {examples}.",
		todo: "Файл мог повредиться или его правили: числа в этих местах ненадёжны. Если они важны, сними снимок заново."
	}
};
/** One problem for each rule that is broken, with how often and the first places. */
function checkIntegrity(state) {
	const violations = new Violations();
	for (let s = 0; s < state.segments.count; s += 1) checkSegment(state, s, violations);
	for (const device of state.devices) checkTimes(device, violations);
	return violations.problems();
}
var Violations = class {
	found = /* @__PURE__ */ new Map();
	add(rule, where, found, expected) {
		let entry = this.found.get(rule);
		if (entry === void 0) {
			entry = {
				count: 0,
				examples: []
			};
			this.found.set(rule, entry);
		}
		entry.count += 1;
		if (entry.examples.length < SHOWN) entry.examples.push(`${where} ${found} ≠ ${expected}`);
	}
	problems() {
		return RULES.flatMap((rule) => {
			const entry = this.found.get(rule);
			if (entry === void 0) return [];
			const examples = entry.examples.join("; ") + (entry.count > SHOWN ? "; …" : "");
			return [{
				code: `snapshot-integrity-${rule.replaceAll("_", "-")}`,
				what: say(TEXTS$8, rule, { count: entry.count }),
				why: say(TEXTS$8, "why", { examples }),
				todo: say(TEXTS$8, "todo")
			}];
		});
	}
};
/** "cuda:0 0x7f1200000000". */
const placeOf = (device, address) => `cuda:${device} 0x${address.toString(16)}`;
function checkSegment({ segments, blocks, settings }, s, violations) {
	const device = segments.device[s];
	const start = segments.address[s];
	const total = segments.total[s];
	let place;
	const report = (rule, found, expected) => {
		place ??= placeOf(device, start);
		violations.add(rule, place, found, expected);
	};
	let sum = 0;
	let allocated = 0;
	let active = 0;
	let requested = 0;
	let end = start;
	let wasFree = false;
	const last = segments.firstBlock[s + 1];
	for (let b = segments.firstBlock[s]; b < last; b += 1) {
		const size = blocks.size[b];
		const address = blocks.address[b];
		const isFree = blocks.state[b] === BlockState.inactive;
		sum += size;
		if (blocks.state[b] === BlockState.active) allocated += size;
		if (!isFree) {
			active += size;
			requested += blocks.requested[b];
		}
		if (address !== end) report("block_place", address, end);
		else if (isFree && wasFree) report("neighbours", address, "-");
		wasFree = isFree;
		end = address + size;
	}
	if (sum !== total) report("total", sum, total);
	const compare = (rule, found, stated) => {
		if (found !== stated && !Number.isNaN(found) && !Number.isNaN(stated)) report(rule, found, stated);
	};
	compare("allocated", allocated, segments.allocated[s]);
	compare("active", active, segments.active[s]);
	compare("requested", requested, segments.requested[s]);
	if (segments.isExpandable[s] === 0) {
		if (segments.isLarge[s] === 0) {
			if (total !== 2 * MIB$1) report("segment_size", total, 2 * MIB$1);
		} else if (total % (2 * MIB$1) !== 0 && !setsLargeSegments(settings)) report("segment_size", total, "n × 2097152");
	}
	if (s > 0 && segments.device[s - 1] === device) {
		const before = segments.address[s - 1] + segments.total[s - 1];
		if (start < before) report("segment_overlap", start, `≥ ${before}`);
	}
}
/** large_segment_size_mb (2.11+) need not be even. */
const setsLargeSegments = (settings) => settings?.conf?.includes("large_segment_size_mb") === true;
function checkTimes({ index, events }, violations) {
	const { time } = events;
	if (time === void 0) return;
	let latest = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < events.count; i += 1) {
		const now = time[i];
		if (now < latest) violations.add("time", `cuda:${index} #${i}`, now, `≥ ${latest}`);
		else if (now > latest) latest = now;
	}
}
// src/core/snapshot/keys.ts
/** Keys of events, frames, segments, blocks, annotations. Fewer than 32: sets of them are bits of a word. */
const ROW_KEYS = [
	"action",
	"addr",
	"device_free",
	"size",
	"stream",
	"time_us",
	"frames",
	"compile_context",
	"user_metadata",
	"pool_id",
	"category",
	"name",
	"filename",
	"line",
	"address",
	"requested_size",
	"state",
	"history",
	"device",
	"total_size",
	"allocated_size",
	"active_size",
	"segment_type",
	"segment_pool_id",
	"is_expandable",
	"blocks",
	"stage",
	"real_size",
	"cpp_frames"
];
/** Keys of dicts that stay dicts: the snapshot itself and its settings. */
const DICT_KEYS = [
	"segments",
	"device_traces",
	"allocator_settings",
	"external_annotations",
	"trace_alloc_max_entries",
	"trace_alloc_overflowed",
	"unoom_synthetic",
	"PYTORCH_CUDA_ALLOC_CONF",
	"max_split_size",
	"garbage_collection_threshold",
	"expandable_segments",
	"roundup_power2_divisions",
	"graph_capture_record_stream_reuse"
];
/** Lower ends of the size classes of roundup_power2_divisions, in MiB. */
const DIVISION_KEYS = Array.from({ length: 16 }, (_, i) => String(2 ** i));
const VALUES = [
	"alloc",
	"free_requested",
	"free_completed",
	"segment_alloc",
	"segment_free",
	"segment_map",
	"segment_unmap",
	"snapshot",
	"oom",
	"inactive",
	"active_allocated",
	"active_pending_free",
	"active_awaiting_free",
	"large",
	"START",
	"N/A",
	""
];
const ALL = [
	...ROW_KEYS,
	...DICT_KEYS,
	...DIVISION_KEYS,
	...VALUES
];
const NUMBERS = new Map(ALL.map((text, id) => [text, id]));
/** The number of a known text. */
const known = (text) => NUMBERS.get(text) ?? -1;
const ROW_KEY_COUNT = ROW_KEYS.length;
/** Texts below this number are keys. */
const KEY_COUNT = ROW_KEYS.length + DICT_KEYS.length + DIVISION_KEYS.length;
const FIRST_VALUE = KEY_COUNT;
/** Puts the known texts into an empty table. */
function internKnown(texts) {
	for (const text of ALL) texts.internText(text);
}
// src/core/snapshot/remarks.ts
const TEXTS$7 = {
	en: {
		odd_events: "{count} entries of device_traces are no events of their own and were left out.",
		odd_values: "{count} values of events are not of the type that they should have.",
		unusable_events: "{count} events have no usable size or address and were left out.",
		odd_segments: "{count} entries of segments are no segments and were left out.",
		odd_blocks: "{count} entries of blocks are no blocks and were left out.",
		odd_annotations: "{count} entries of external_annotations are no annotations and were left out.",
		odd_stacks: "{count} values of frames are no list of frames.",
		events_left_out: "{count} of {all} events lie outside of what was asked for and were not read.",
		unknown_action: "{count} events have the action \"{name}\", which this version of unoom does not know.",
		unknown_key: "The key \"{name}\" of {count} rows ({row}) is not used.",
		unknown_top_key: "The key \"{name}\" of the snapshot is not used.",
		why_types: "The file does not have the shape that PyTorch writes.",
		todo_report: "If PyTorch wrote it, please report it with the version of PyTorch."
	},
	zh: {
		odd_events: "device_traces 中有 {count} 项不是独立的事件，已略去。",
		odd_values: "事件中有 {count} 个值的类型不对。",
		unusable_events: "有 {count} 个事件没有可用的大小或地址，已略去。",
		odd_segments: "segments 中有 {count} 项不是段，已略去。",
		odd_blocks: "blocks 中有 {count} 项不是块，已略去。",
		odd_annotations: "external_annotations 中有 {count} 项不是标注，已略去。",
		odd_stacks: "有 {count} 个 frames 不是栈帧列表。",
		events_left_out: "{all} 个事件中有 {count} 个不在所要求的范围内，没有读取。",
		unknown_action: "有 {count} 个事件的动作是“{name}”，本版本的 unoom 不认识。",
		unknown_key: "{count} 行（{row}）中的键“{name}”没有使用。",
		unknown_top_key: "快照的键“{name}”没有使用。",
		why_types: "文件结构与 PyTorch 写出的不同。",
		todo_report: "如果文件由 PyTorch 写出，附上 PyTorch 版本反馈给我们。"
	},
	ru: {
		odd_events: "Элементов device_traces, которые не являются отдельными событиями: {count}; они пропущены.",
		odd_values: "Значений неподходящего типа в событиях: {count}.",
		unusable_events: "Событий без пригодного размера или адреса: {count}; они пропущены.",
		odd_segments: "Элементов segments, которые не являются сегментами: {count}; они пропущены.",
		odd_blocks: "Элементов blocks, которые не являются блоками: {count}; они пропущены.",
		odd_annotations: "Элементов external_annotations, которые не являются пометками: {count}; они пропущены.",
		odd_stacks: "Значений frames, которые не являются списком кадров: {count}.",
		events_left_out: "Вне запрошенного лежат и не прочитаны {count} событий из {all}.",
		unknown_action: "Действие «{name}» этой версии unoom неизвестно; событий с ним: {count}.",
		unknown_key: "Ключ «{name}» не используется; записей ({row}) с ним: {count}.",
		unknown_top_key: "Ключ снимка «{name}» не используется.",
		why_types: "Строение файла не такое, как пишет PyTorch.",
		todo_report: "Если файл записал PyTorch, сообщи нам вместе с версией PyTorch."
	}
};
var Remarks = class {
	problems = [];
	notes = [];
	problem(code, params) {
		this.problems.push({
			code: `snapshot-${code}`,
			what: say(TEXTS$7, keyOf(code), params),
			why: say(TEXTS$7, "why_types"),
			todo: say(TEXTS$7, "todo_report")
		});
	}
	note(code, params) {
		this.notes.push({
			code: `snapshot-${code}`,
			text: say(TEXTS$7, keyOf(code), params)
		});
	}
};
const keyOf = (code) => code.replaceAll("-", "_");
// src/core/snapshot/event-rows.ts
/**
* The events of all devices while they are read: columns that grow. Where the size of the file is known,
* what was read so far tells how many events will come, and the columns are allocated once for all of
* them: pages that are never written cost no memory.
*/
const FIRST_ROOM = 1024;
const MOST_EVENTS = 2 ** 27 - 2;
var EventRows = class {
	count = 0;
	action = new Uint8Array(FIRST_ROOM);
	address = new Float64Array(FIRST_ROOM);
	size = new Float64Array(FIRST_ROOM);
	stream = new Uint16Array(FIRST_ROOM);
	stack = new Uint32Array(FIRST_ROOM);
	time;
	pool;
	compileContext;
	userMetadata;
	category;
	forecast;
	constructor(forecast) {
		this.forecast = forecast;
	}
	/** A new row, as the last one; it holds nothing yet. */
	add() {
		const row = this.count;
		if (row === this.action.length) this.grow();
		this.action[row] = Action.other;
		this.address[row] = NaN;
		this.size[row] = NaN;
		this.stream[row] = 0;
		this.stack[row] = NONE;
		if (this.time !== void 0) this.time[row] = NaN;
		if (this.pool !== void 0) this.pool[row] = 0;
		if (this.compileContext !== void 0) this.compileContext[row] = NONE;
		if (this.userMetadata !== void 0) this.userMetadata[row] = NONE;
		if (this.category !== void 0) this.category[row] = NONE;
		this.count = row + 1;
		return row;
	}
	/** Takes the last row back. */
	removeLast() {
		this.count -= 1;
	}
	setTime(row, time) {
		this.time ??= new Float64Array(this.action.length).fill(NaN, 0, this.count);
		this.time[row] = time;
	}
	setPool(row, pool) {
		this.pool ??= new Uint16Array(this.action.length);
		this.pool[row] = pool;
	}
	setText(row, key, text) {
		const column = this[key] ?? new Uint32Array(this.action.length).fill(4294967295, 0, this.count);
		this[key] = column;
		column[row] = text;
	}
	grow() {
		const old = this.action.length;
		if (old >= MOST_EVENTS) throw refuse("many_rows", { limit: MOST_EVENTS });
		const room = Math.min(Math.max(this.forecast(old), old * 1.25, old + 1), MOST_EVENTS) | 0;
		this.action = grownUint8(this.action, room);
		this.address = grownFloat64(this.address, room);
		this.size = grownFloat64(this.size, room);
		this.stream = grownUint16(this.stream, room);
		this.stack = grownUint32(this.stack, room);
		if (this.time !== void 0) this.time = grownFloat64(this.time, room);
		if (this.pool !== void 0) this.pool = grownUint16(this.pool, room);
		for (const key of [
			"compileContext",
			"userMetadata",
			"category"
		]) {
			const column = this[key];
			if (column !== void 0) this[key] = grownUint32(column, room);
		}
	}
	/** The events of each device, in the order of its spans. The rows are spent by it. */
	assemble(devices) {
		return devices.map((spans) => {
			const count = spans.reduce((sum, { length }) => sum + length, 0);
			const { time, pool, compileContext, userMetadata, category } = this;
			return {
				count,
				action: gathered(this.action, spans, count, (n) => new Uint8Array(n)),
				address: gathered(this.address, spans, count, floats),
				size: gathered(this.size, spans, count, floats),
				stream: gathered(this.stream, spans, count, halves),
				stack: gathered(this.stack, spans, count, words),
				...withColumn("time", time && gathered(time, spans, count, floats), NaN),
				...pool && { pool: gathered(pool, spans, count, halves) },
				...withColumn("compileContext", compileContext && gathered(compileContext, spans, count, words), NONE),
				...withColumn("userMetadata", userMetadata && gathered(userMetadata, spans, count, words), NONE),
				...withColumn("category", category && gathered(category, spans, count, words), NONE)
			};
		});
	}
};
const floats = (n) => new Float64Array(n);
const words = (n) => new Uint32Array(n);
const halves = (n) => new Uint16Array(n);
/** The rows of the spans one after another: a view where they are one piece, as they nearly always are. */
function gathered(column, spans, count, make) {
	const [only] = spans;
	if (only !== void 0 && spans.length === 1) return column.subarray(only.first, only.first + only.length);
	const made = make(count);
	let at = 0;
	for (const { first, length } of spans) {
		made.set(column.subarray(first, first + length), at);
		at += length;
	}
	return made;
}
/** The column under its name, unless no entry of it says anything. */
function withColumn(key, column, absent) {
	return column?.some((value) => !Object.is(value, absent)) === true ? { [key]: column } : {};
}
// src/core/snapshot/row-table.ts
/** Rows of segments, blocks, annotations: numbers and codes by key, as the file gives them. */
const MOST_ROWS = 1 << 25;
var RowTable = class {
	count = 0;
	numberKeys;
	codeKeys;
	/** Column of a key: of numbers from 0 up, of codes from ~0 down. */
	columnOf;
	numberColumns;
	codeColumns;
	constructor(numberKeys, codeKeys) {
		this.numberKeys = numberKeys;
		this.codeKeys = codeKeys;
		this.columnOf = new Map([...numberKeys.map((key, i) => [known(key), i]), ...codeKeys.map((key, i) => [known(key), ~i])]);
		this.numberColumns = numberKeys.map(() => /* @__PURE__ */ new Float64Array(256));
		this.codeColumns = codeKeys.map(() => /* @__PURE__ */ new Int32Array(256));
	}
	/** A new row: numbers are NaN, codes UNSET. */
	add() {
		const row = this.count;
		if (row >= MOST_ROWS) throw refuse("many_rows", { limit: MOST_ROWS });
		for (let i = 0; i < this.numberColumns.length; i += 1) {
			let column = this.numberColumns[i];
			if (row === column.length) {
				column = grownFloat64(column, row + 1);
				this.numberColumns[i] = column;
			}
			column[row] = NaN;
		}
		for (let i = 0; i < this.codeColumns.length; i += 1) {
			let column = this.codeColumns[i];
			if (row === column.length) {
				column = grownInt32(column, row + 1);
				this.codeColumns[i] = column;
			}
			column[row] = -1;
		}
		this.count = row + 1;
		return row;
	}
	/** Sets what the pairs in slots `from .. to` say; `other` is told of keys that have no column. */
	set(row, a, from, to, other) {
		for (let slot = from; slot < to; slot += 2) {
			const key = a.valueAt(slot);
			const value = a.valueAt(slot + 1);
			const column = key >>> 27 === Kind.text ? this.columnOf.get(key & REF) : void 0;
			if (column === void 0) other(key);
			else if (column < 0) this.codeColumns[~column][row] = value;
			else if (value === 0) this.numberColumns[column][row] = a.num[slot + 1];
		}
	}
	numbers(key) {
		return this.numberColumns[this.numberKeys.indexOf(key)];
	}
	codes(key) {
		return this.codeColumns[this.codeKeys.indexOf(key)];
	}
};
// src/core/snapshot/rows.ts
/** What a dict of a snapshot is, by its keys, and where its values go: events, frames, segments, blocks. */
/** Kinds of rows, from `Kind.row` on. */
const Row = {
	event: 9,
	segment: 10,
	block: 11,
	annotation: 12,
	history: 13
};
/** An event that the caller did not ask for. */
const DROPPED = Row.event << 27 | REF;
const MOST_FRAMES = 1 << 25;
const MOST_HANDLES = 65535;
/** Unknown keys and actions whose names are remembered. */
const MOST_NAMES$1 = 64;
const bit = (key) => 1 << known(key);
const has = (mask, wanted) => (mask & wanted) === wanted;
const K_ACTION = known("action");
const K_ADDR = known("addr");
const K_DEVICE_FREE = known("device_free");
const K_SIZE = known("size");
const K_STREAM = known("stream");
const K_TIME = known("time_us");
const K_FRAMES = known("frames");
const K_COMPILE = known("compile_context");
const K_META = known("user_metadata");
const K_POOL = known("pool_id");
const K_CATEGORY = known("category");
const K_NAME = known("name");
const K_FILE = known("filename");
const K_LINE = known("line");
const K_SEGMENTS = known("segments");
const K_TRACES = known("device_traces");
const V_ALLOC = known("alloc");
const V_OOM = known("oom");
const V_NOTHING = known("N/A");
const V_EMPTY = known("");
const OTHER_ACTION = 9;
const ROW_CLASSES = [
	"event",
	"frame",
	"segment",
	"block",
	"annotation",
	"history"
];
var Rows = class {
	events;
	segments = new RowTable([
		"device",
		"address",
		"total_size",
		"allocated_size",
		"active_size",
		"requested_size",
		"stream"
	], [
		"segment_type",
		"segment_pool_id",
		"is_expandable",
		"frames",
		"blocks"
	]);
	blocks = new RowTable([
		"address",
		"size",
		"requested_size"
	], [
		"state",
		"frames",
		"history"
	]);
	annotations = new RowTable(["device", "time_us"], ["name", "stage"]);
	history = new RowTable(["addr", "real_size"], ["frames", "cpp_frames"]);
	frameCount = 0;
	frameName = /* @__PURE__ */ new Uint32Array(1024);
	frameFile = /* @__PURE__ */ new Uint32Array(1024);
	frameLine = /* @__PURE__ */ new Int32Array(1024);
	frameSlots = /* @__PURE__ */ new Int32Array(2048);
	/** Handles of streams in order of first use, and their numbers. */
	streams = [];
	streamNumbers = /* @__PURE__ */ new Map();
	lastStream = NaN;
	lastStreamNumber = 0;
	/** Pairs of the assembler that are pools, in order of first use, and their numbers. */
	pools = [];
	poolNumbers = /* @__PURE__ */ new Map();
	/** Codes of the keys of the last event that was looked at key by key; slots that such an event fills. */
	plan = /* @__PURE__ */ new Int32Array(16);
	planLength = -1;
	/** Keys that events have anywhere, as bits; and how often keys without a place occurred, by class. */
	eventKeys = 0;
	blockKeys = 0;
	otherKeys = new Map(ROW_CLASSES.map((name) => [name, /* @__PURE__ */ new Map()]));
	/** Actions that are not known: how often each text occurred (UNSET: what is no text). */
	otherActions = /* @__PURE__ */ new Map();
	otherAction = NONE;
	/** Values of events that are of another type than they should be. */
	oddValues = 0;
	wanted;
	a;
	constructor(wanted, forecast) {
		this.wanted = wanted;
		this.events = new EventRows(forecast);
	}
	attach(assembler) {
		this.a = assembler;
	}
	take(from, to, dict, isWhole) {
		const a = this.a;
		const code = a.code;
		if (to - from === this.planLength && this.isPlanned(code, from, to)) return this.event(a, from, to, dict);
		let mask = 0;
		let isKept = false;
		for (let slot = from; slot < to; slot += 2) {
			const key = code[slot];
			if (key >>> 27 !== Kind.text) continue;
			const id = key & REF;
			if (id < ROW_KEY_COUNT) mask |= 1 << id;
			else if (id === K_SEGMENTS || id === K_TRACES) return -1;
			else if (id < KEY_COUNT) isKept = true;
		}
		if (has(mask, FRAME) || isWhole && has(mask, bit("filename"))) return this.frame(a, from, to);
		if (has(mask, EVENT) || isWhole && has(mask, bit("action"))) {
			this.planEvents(code, from, to);
			return this.event(a, from, to, dict);
		}
		if (has(mask, BLOCK)) {
			this.blockKeys |= mask;
			return this.row(Row.block, this.blocks, "block", a, from, to);
		}
		if (has(mask, SEGMENT)) return this.row(Row.segment, this.segments, "segment", a, from, to);
		if (has(mask, ANNOTATION)) return this.row(Row.annotation, this.annotations, "annotation", a, from, to);
		if (has(mask, HISTORY)) return this.row(Row.history, this.history, "history", a, from, to);
		if (isKept || mask !== 0 && !isWhole) return -1;
		for (let slot = from; slot < to; slot += 1) a.valueAt(slot);
		return -2;
	}
	update(code, from, to) {
		const a = this.a;
		const row = refOf(code);
		switch (kindOf(code)) {
			case Row.event:
				if (code === DROPPED) return false;
				this.setEvent(a, row, from, to);
				this.countAction();
				return true;
			case Row.segment:
				this.set(this.segments, "segment", row, a, from, to);
				return true;
			case Row.block:
				this.set(this.blocks, "block", row, a, from, to);
				return true;
			case Row.annotation:
				this.set(this.annotations, "annotation", row, a, from, to);
				return true;
			case Row.history:
				this.set(this.history, "history", row, a, from, to);
				return true;
			default: return false;
		}
	}
	row(kind, table, name, a, from, to) {
		const row = table.add();
		this.set(table, name, row, a, from, to);
		return kind << 27 | row;
	}
	set(table, name, row, a, from, to) {
		table.set(row, a, from, to, (key) => this.other(name, key));
	}
	other(name, key) {
		countUp(this.otherKeys.get(name), key);
	}
	/** Nearly every event has the keys of the one before it, in the same order. */
	isPlanned(code, from, to) {
		const { plan } = this;
		for (let slot = from, k = 0; slot < to; slot += 2, k += 1) if (code[slot] !== plan[k]) return false;
		return true;
	}
	planEvents(code, from, to) {
		if (to - from > 2 * this.plan.length) return;
		for (let slot = from, k = 0; slot < to; slot += 2, k += 1) this.plan[k] = code[slot];
		this.planLength = to - from;
	}
	event(a, from, to, dict) {
		const row = this.events.add();
		this.setEvent(a, row, from, to);
		if (!this.isWanted(a, row, dict)) {
			this.events.removeLast();
			this.otherAction = NONE;
			return DROPPED;
		}
		this.countAction();
		return Row.event << 27 | row;
	}
	countAction() {
		if (this.otherAction !== 4294967295) countUp(this.otherActions, this.otherAction);
		this.otherAction = NONE;
	}
	setEvent(a, row, from, to) {
		const { events } = this;
		for (let slot = from; slot < to; slot += 2) {
			const key = a.valueAt(slot);
			const value = a.valueAt(slot + 1);
			const id = key >>> 27 === Kind.text ? key & REF : KEY_COUNT;
			if (id < ROW_KEY_COUNT) this.eventKeys |= 1 << id;
			if (value === 0) {
				const amount = a.num[slot + 1];
				switch (id) {
					case K_ADDR:
					case K_DEVICE_FREE:
						events.address[row] = amount;
						continue;
					case K_SIZE:
						events.size[row] = amount;
						continue;
					case K_STREAM:
						events.stream[row] = this.streamOf(amount);
						continue;
					case K_TIME:
						events.setTime(row, amount);
						continue;
				}
			}
			switch (id) {
				case K_ACTION:
					this.setAction(row, value);
					break;
				case K_FRAMES:
					events.stack[row] = this.stackOf(value);
					break;
				case K_COMPILE:
					this.setText(row, "compileContext", value);
					break;
				case K_META:
					this.setText(row, "userMetadata", value);
					break;
				case K_CATEGORY:
					this.setText(row, "category", value);
					break;
				case K_POOL:
					if (value >>> 27 === Kind.pair) events.setPool(row, this.poolOf(value));
					else this.oddValues += 1;
					break;
				case K_ADDR:
				case K_DEVICE_FREE:
				case K_SIZE:
				case K_STREAM:
				case K_TIME:
					this.oddValues += 1;
					break;
				default: this.other("event", key);
			}
		}
	}
	setAction(row, value) {
		const id = value >>> 27 === Kind.text ? value & REF : -1;
		if (id >= V_ALLOC && id <= V_OOM) this.events.action[row] = id - FIRST_VALUE;
		else {
			this.events.action[row] = OTHER_ACTION;
			this.otherAction = id;
		}
	}
	setText(row, key, value) {
		if (value >>> 27 !== Kind.text) return;
		const id = value & REF;
		if (id !== V_NOTHING && id !== V_EMPTY) this.events.setText(row, key, id);
	}
	/** The sequence that `frames` is, or NONE for an empty list and whatever is no list of frames. */
	stackOf(value) {
		if (value >= 0 && value >>> 27 === Kind.sequence) return value & REF;
		return NONE;
	}
	streamOf(handle) {
		if (handle === this.lastStream) return this.lastStreamNumber;
		let number = this.streamNumbers.get(handle);
		if (number === void 0) {
			number = this.streams.length;
			if (number >= MOST_HANDLES) throw refuse("many_rows", { limit: MOST_HANDLES });
			this.streams.push(handle);
			this.streamNumbers.set(handle, number);
		}
		this.lastStream = handle;
		this.lastStreamNumber = number;
		return number;
	}
	poolOf(pair) {
		let number = this.poolNumbers.get(pair);
		if (number === void 0) {
			number = this.pools.length;
			if (number >= MOST_HANDLES) throw refuse("many_rows", { limit: MOST_HANDLES });
			this.pools.push(pair);
			this.poolNumbers.set(pair, number);
		}
		return number;
	}
	isWanted(a, row, dict) {
		const { device, time, events } = this.wanted;
		if (time !== void 0) {
			const at = this.events.time?.[row] ?? NaN;
			if (at < time[0] || at >= time[1]) return false;
		}
		if (device === void 0 && events === void 0) return true;
		const list = parentList(a, dict);
		if (list === void 0) return true;
		if (events !== void 0 && (list.index < events[0] || list.index >= events[1])) return false;
		return device === void 0 || list.device === device;
	}
	frame(a, from, to) {
		let name = -1;
		let file = -1;
		let line = 0;
		for (let slot = from; slot < to; slot += 2) {
			const key = a.valueAt(slot);
			const value = a.valueAt(slot + 1);
			const id = key >>> 27 === Kind.text ? key & REF : -1;
			if (id === K_NAME || id === K_FILE) {
				const text = value >>> 27 === Kind.text ? value & REF : V_EMPTY;
				if (id === K_NAME) name = text;
				else file = text;
			} else if (id === K_LINE) {
				if (value === 0) line = lineOf(a.num[slot + 1]);
			} else this.other("frame", key);
		}
		return Kind.atom << 27 | this.frameOf(name === -1 ? V_EMPTY : name, file === -1 ? V_EMPTY : file, line);
	}
	frameOf(name, file, line) {
		const mask = this.frameSlots.length - 1;
		let slot = frameHash(name, file, line) & mask;
		for (;;) {
			const found = this.frameSlots[slot] - 1;
			if (found < 0) break;
			if (this.frameLine[found] === line && this.frameName[found] === name && this.frameFile[found] === file) return found;
			slot = slot + 1 & mask;
		}
		const id = this.frameCount;
		if (id >= MOST_FRAMES) throw refuse("many_rows", { limit: MOST_FRAMES });
		if (id === this.frameName.length) {
			this.frameName = grownUint32(this.frameName, id + 1);
			this.frameFile = grownUint32(this.frameFile, id + 1);
			this.frameLine = grownInt32(this.frameLine, id + 1);
		}
		this.frameName[id] = name;
		this.frameFile[id] = file;
		this.frameLine[id] = line;
		this.frameSlots[slot] = id + 1;
		this.frameCount = id + 1;
		if (this.frameCount * 2 > this.frameSlots.length) this.rehashFrames();
		return id;
	}
	rehashFrames() {
		const slots = new Int32Array(this.frameSlots.length * 2);
		const mask = slots.length - 1;
		for (let id = 0; id < this.frameCount; id += 1) {
			let slot = frameHash(this.frameName[id], this.frameFile[id], this.frameLine[id]) & mask;
			while (slots[slot] !== 0) slot = slot + 1 & mask;
			slots[slot] = id + 1;
		}
		this.frameSlots = slots;
	}
};
const FRAME = bit("name") | bit("filename") | bit("line");
const EVENT = bit("action") | bit("size");
const BLOCK = bit("state") | bit("size");
const SEGMENT = bit("total_size") | bit("blocks");
const ANNOTATION = bit("stage") | bit("name");
const HISTORY = bit("real_size");
/** Counts a name; of very many names those that come first. */
function countUp(counts, name) {
	const count = counts.get(name);
	if (count !== void 0) counts.set(name, count + 1);
	else if (counts.size < MOST_NAMES$1) counts.set(name, 1);
}
/** 0 for what is no line. */
const lineOf = (value) => value === (value | 0) ? value : 0;
function frameHash(name, file, line) {
	let hash = Math.imul(name, 2654435761) ^ Math.imul(file + 2135587861, 2246822507);
	hash = Math.imul(hash ^ line ^ hash >>> 15, 739982445);
	return hash ^ hash >>> 13;
}
/** Where the dict in slot `dict` will stand: its number in a list of device_traces, and which list. */
function parentList(a, dict) {
	const floor = a.floor();
	const [list, offset] = floor <= dict && floor > 0 ? [floor - 1, dict - floor] : [dict - 1, 0];
	if (list < 1 || !a.isOpenList(list)) return void 0;
	const index = a.itemsIn(list) + offset;
	if (isTraces(a, list - 1)) return {
		device: a.itemsIn(list - 1),
		index
	};
	const above = a.markCount > 1 ? a.markAt(a.markCount - 2) : 0;
	if (above > 0 && above <= list && isTraces(a, above - 1)) return {
		device: a.itemsIn(above - 1) + (list - above),
		index
	};
}
const TRACES = Kind.text << 27 | known("device_traces");
const isTraces = (a, slot) => slot > 0 && a.isOpenList(slot) && a.code[slot - 1] === TRACES;
// src/core/snapshot/version.ts
/** "2.3 – 2.5", "2.10+"; a range where the keys leave one. */
function versionOf(seen) {
	if (seen.overflowed || seen.eventPool) return "2.12+";
	if (seen.userMetadata) return "2.10+";
	if (seen.compileContext) return "2.7 – 2.9";
	if (seen.annotations) return seen.events ? "2.6 – 2.7" : "2.6 – 2.9";
	if (seen.settings) return "2.3 – 2.5";
	if (seen.time) return "2.2";
	if (seen.form === "list" && !seen.requestedSize) return "≤ 1.13";
	if (seen.history || !seen.blockAddress) return "2.0";
	if (seen.form === "list") return "2.0.1+";
	return seen.events ? "2.0.1 – 2.1" : "2.0.1 – 2.2";
}
// src/core/snapshot/build.ts
/** Names that are shown of one kind of remark. */
const MOST_NAMES = 16;
/** Builds the snapshot; undefined when the root is none. The assembler and the rows are spent by it. */
function buildSnapshot(a, rows, root, origin) {
	const remarks = new Remarks();
	const top = topOf(a, root);
	if (top === void 0) return void 0;
	const { wanted } = origin;
	const traces = spansOf(a, rows, top, wanted, remarks);
	const state = stateOf(a, rows, top, wanted, remarks);
	const events = rows.events.assemble(traces.spans).map((each) => cleaned(each, remarks));
	noteOtherKeys(a, rows, top, remarks);
	const tables = new Tables(a, rows, remarks);
	for (const { stack } of events) tables.renumberStacks(stack);
	tables.renumberStacks(state.segments.stack);
	tables.renumberStacks(state.blocks.stack);
	const { frames, stacks } = tables.finishStacks();
	for (const { compileContext, userMetadata, category } of events) for (const column of [
		compileContext,
		userMetadata,
		category
	]) if (column !== void 0) tables.renumberTexts(column);
	const annotations = annotationsOf(a, rows, top, wanted, tables, remarks);
	const strings = tables.finishTexts();
	const devices = devicesOf(a, top, events, state.segments, wanted);
	const settings = settingsOf(a, top);
	const hasKey = (key) => (rows.eventKeys & 1 << known(key)) !== 0;
	const hasBlockKey = (key) => (rows.blockKeys & 1 << known(key)) !== 0;
	const isLegacy = hasBlockKey("history") || rows.blocks.count > 0 && !hasBlockKey("address");
	const shape = {
		container: origin.container,
		...origin.protocol === void 0 ? {} : { protocol: origin.protocol },
		form: top.form,
		isLegacy,
		version: versionOf({
			form: top.form,
			requestedSize: hasBlockKey("requested_size"),
			history: hasBlockKey("history"),
			blockAddress: hasBlockKey("address") || rows.blocks.count === 0,
			poolId: rows.pools.length > 1,
			time: hasKey("time_us"),
			settings: top.entries.has(known("allocator_settings")),
			annotations: top.entries.has(known("external_annotations")),
			compileContext: hasKey("compile_context"),
			userMetadata: hasKey("user_metadata") || settings?.graphCaptureRecordStreamReuse !== void 0,
			eventPool: hasKey("pool_id"),
			overflowed: top.entries.has(known("trace_alloc_overflowed")),
			events: rows.eventKeys !== 0
		}),
		bytes: origin.bytes,
		isSynthetic: isSynthetic(rows, top)
	};
	const violations = checkIntegrity({
		devices,
		segments: state.segments,
		blocks: state.blocks,
		...settings === void 0 ? {} : { settings }
	});
	return {
		shape,
		strings,
		frames,
		stacks,
		streams: rows.streams.map((handle) => handleText(handle)),
		pools: rows.pools.map((pair) => a.pairs[refOf(pair)] ?? [0, 0]),
		devices,
		segments: state.segments,
		blocks: state.blocks,
		annotations,
		...settings === void 0 ? {} : { settings },
		problems: [
			...origin.problems,
			...remarks.problems,
			...violations
		],
		notes: remarks.notes
	};
}
const handleText = (handle) => Number.isSafeInteger(handle) ? String(handle) : Number.isFinite(handle) ? BigInt(Math.round(handle)).toString() : "?";
function topOf(a, root) {
	if (kindOf(root) === Kind.list) {
		let isState = true;
		a.eachRun(root, (first) => {
			if (kindOf(first) !== Row.segment) isState = false;
		});
		return isState ? {
			form: "list",
			entries: /* @__PURE__ */ new Map(),
			segments: root,
			traces: -1
		} : void 0;
	}
	if (kindOf(root) !== Kind.dict) return void 0;
	const entries = entriesOf$1(a, root);
	const segments = entries.get(known("segments"));
	const traces = entries.get(known("device_traces"));
	if (segments === void 0 && traces === void 0) return void 0;
	return {
		form: "dict",
		entries,
		segments: segments ?? -1,
		traces: traces ?? -1
	};
}
/** The entries of a dict by the number of their text; others are left out. */
function entriesOf$1(a, dict) {
	const entries = /* @__PURE__ */ new Map();
	if (kindOf(dict) !== Kind.dict || dict === EMPTY_DICT$1) return entries;
	let key = -1;
	let isKey = true;
	a.eachItem(dict, (code) => {
		if (isKey) key = code;
		else if (kindOf(key) === Kind.text) entries.set(refOf(key), code);
		isKey = !isKey;
	});
	return entries;
}
function spansOf(a, rows, top, wanted, remarks) {
	const spans = [];
	let kept = 0;
	let all = 0;
	let odd = 0;
	a.eachItem(top.traces, (trace) => {
		const device = spans.length;
		const mine = [];
		spans.push(mine);
		if (kindOf(trace) !== Kind.list) {
			odd += Math.max(1, a.lengthOf(trace));
			return;
		}
		const isWanted = wanted.device === void 0 || wanted.device === device;
		let at = 0;
		a.eachRun(trace, (first, length, stride) => {
			const begin = at;
			at += length;
			if (first !== DROPPED && kindOf(first) !== Row.event) {
				odd += length;
				return;
			}
			all += length;
			if (first === DROPPED || !isWanted) return;
			const rowsThere = stride === 0 ? 1 : length;
			odd += length - rowsThere;
			const [from, to] = wanted.events ?? [0, Number.POSITIVE_INFINITY];
			const low = Math.max(0, from - begin);
			const high = Math.min(rowsThere, to - begin);
			if (low < high) {
				mine.push({
					first: refOf(first) + low,
					length: high - low
				});
				kept += high - low;
			}
		});
	});
	if (kept < all) remarks.note("events-left-out", {
		count: all - kept,
		all
	});
	if (odd > 0) remarks.problem("odd-events", { count: odd });
	if (rows.oddValues > 0) remarks.problem("odd-values", { count: rows.oddValues });
	noteActions(a, rows, remarks);
	return { spans };
}
function noteActions(a, rows, remarks) {
	for (const [text, count] of [...rows.otherActions].slice(0, MOST_NAMES)) remarks.note("unknown-action", {
		name: text === -1 ? "?" : shown(a.texts.text(text)),
		count
	});
}
function noteOtherKeys(a, rows, top, remarks) {
	const unknown = [...top.entries.keys()].filter((key) => key >= KEY_COUNT);
	for (const key of unknown.slice(0, MOST_NAMES)) remarks.note("unknown-top-key", { name: shown(a.texts.text(key)) });
	for (const name of ROW_CLASSES) for (const [key, count] of rows.otherKeys.get(name) ?? []) {
		if (key === textCode("unoom_synthetic")) continue;
		const text = kindOf(key) === Kind.text ? shown(a.texts.text(refOf(key))) : "?";
		remarks.note("unknown-key", {
			name: text,
			row: name,
			count
		});
	}
}
const shown = (text) => text.length > 60 ? `${text.slice(0, 60)}…` : text;
/** Without events that have no usable size or address; they cannot be followed. */
function cleaned(events, remarks) {
	const { count, action, address, size } = events;
	let bad = 0;
	for (let i = 0; i < count; i += 1) if (!isUsable(action, address, size, i)) bad += 1;
	if (bad === 0) return events;
	remarks.problem("unusable-events", { count: bad });
	const kept = new Uint32Array(count - bad);
	let at = 0;
	for (let i = 0; i < count; i += 1) if (isUsable(action, address, size, i)) {
		kept[at] = i;
		at += 1;
	}
	const halves = (column) => Uint16Array.from(kept, (i) => column[i] ?? 0);
	const words = (column) => Uint32Array.from(kept, (i) => column[i] ?? 0);
	const floats = (column) => Float64Array.from(kept, (i) => column[i] ?? 0);
	const { time, pool, compileContext, userMetadata, category } = events;
	return {
		count: kept.length,
		action: Uint8Array.from(kept, (i) => action[i] ?? 0),
		address: floats(address),
		size: floats(size),
		stream: halves(events.stream),
		stack: words(events.stack),
		...time === void 0 ? {} : { time: floats(time) },
		...pool === void 0 ? {} : { pool: halves(pool) },
		...compileContext === void 0 ? {} : { compileContext: words(compileContext) },
		...userMetadata === void 0 ? {} : { userMetadata: words(userMetadata) },
		...category === void 0 ? {} : { category: words(category) }
	};
}
const isAmount = (value) => value >= 0 && value < Number.POSITIVE_INFINITY;
function isUsable(action, address, size, i) {
	const kind = action[i];
	if (kind === Action.other) return true;
	if (!isAmount(size[i])) return false;
	return kind === Action.snapshot || kind === Action.oom || isAmount(address[i]);
}
function stateOf(a, rows, top, wanted, remarks) {
	const { segments: table } = rows;
	const devices = table.numbers("device");
	const addresses = table.numbers("address");
	const totals = table.numbers("total_size");
	const found = [];
	let odd = 0;
	if (top.segments !== -1) a.eachItem(top.segments, (code) => {
		const row = refOf(code);
		if (kindOf(code) !== Row.segment || !isAmount(addresses[row]) || !isAmount(totals[row]) || !isDevice(devices[row])) odd += 1;
		else if (wanted.device === void 0 || wanted.device === devices[row]) found.push(row);
	});
	if (odd > 0) remarks.problem("odd-segments", { count: odd });
	found.sort((p, q) => devices[p] - devices[q] || addresses[p] - addresses[q]);
	return columnsOf(a, rows, found, remarks);
}
const isDevice = (value) => Number.isInteger(value) && value >= 0 && value < 65535;
function columnsOf(a, rows, found, remarks) {
	const { segments: table } = rows;
	const numbers = (key) => {
		const column = table.numbers(key);
		return Float64Array.from(found, (row) => column[row]);
	};
	const stream = table.numbers("stream");
	const type = table.codes("segment_type");
	const pool = table.codes("segment_pool_id");
	const expandable = table.codes("is_expandable");
	const frames = table.codes("frames");
	const blocks = new BlockColumns(a, rows);
	const address = numbers("address");
	const firstBlock = new Uint32Array(found.length + 1);
	found.forEach((row, s) => {
		blocks.addOf(table.codes("blocks")[row], address[s]);
		firstBlock[s + 1] = blocks.count;
	});
	if (blocks.odd > 0) remarks.problem("odd-blocks", { count: blocks.odd });
	return {
		segments: {
			count: found.length,
			device: Uint16Array.from(found, (row) => table.numbers("device")[row]),
			address,
			total: numbers("total_size"),
			allocated: numbers("allocated_size"),
			active: numbers("active_size"),
			requested: numbers("requested_size"),
			stream: Uint16Array.from(found, (row) => {
				const handle = stream[row];
				return rows.streamOf(Number.isNaN(handle) ? 0 : handle);
			}),
			isLarge: Uint8Array.from(found, (row) => type[row] === textCode("large") ? 1 : 0),
			isExpandable: Uint8Array.from(found, (row) => expandable[row] === TRUE_CODE ? 1 : 0),
			pool: Uint16Array.from(found, (row) => {
				const pair = pool[row];
				return kindOf(pair) === Kind.pair ? rows.poolOf(pair) : 0;
			}),
			stack: Uint32Array.from(found, (row) => rows.stackOf(frames[row])),
			firstBlock
		},
		blocks: blocks.finish()
	};
}
const textCode = (text) => Kind.text << 27 | known(text);
const STATES = /* @__PURE__ */ new Map([
	[textCode("inactive"), BlockState.inactive],
	[textCode("active_allocated"), BlockState.active],
	[textCode("active_pending_free"), BlockState.pendingFree],
	[textCode("active_awaiting_free"), BlockState.pendingFree]
]);
/** Blocks in the order of their segments. */
var BlockColumns = class {
	count = 0;
	odd = 0;
	a;
	rows;
	address;
	size;
	requested;
	state;
	stack;
	constructor(a, rows) {
		this.a = a;
		this.rows = rows;
		const most = rows.blocks.count;
		this.address = new Float64Array(most);
		this.size = new Float64Array(most);
		this.requested = new Float64Array(most);
		this.state = new Uint8Array(most);
		this.stack = new Uint32Array(most);
	}
	/** The blocks of one segment. Where they have no address it is the running sum of their sizes. */
	addOf(list, segmentAddress) {
		const table = this.rows.blocks;
		const addresses = table.numbers("address");
		const sizes = table.numbers("size");
		const states = table.codes("state");
		const found = [];
		let next = segmentAddress;
		let isSorted = true;
		const at = [];
		if (list === -1) return;
		this.a.eachItem(list, (code) => {
			const row = refOf(code);
			if (kindOf(code) !== Row.block || !isAmount(sizes[row]) || !STATES.has(states[row]) || this.count + found.length >= this.size.length) {
				this.odd += 1;
				return;
			}
			const stated = addresses[row];
			const address = isAmount(stated) ? stated : next;
			if (at.length > 0 && address < at[at.length - 1]) isSorted = false;
			found.push(row);
			at.push(address);
			next = address + sizes[row];
		});
		const order = found.map((_, i) => i);
		if (!isSorted) order.sort((p, q) => at[p] - at[q]);
		for (const i of order) this.add(found[i], at[i]);
	}
	add(row, address) {
		const table = this.rows.blocks;
		const i = this.count;
		const latest = this.latest(table.codes("history")[row]);
		const requested = table.numbers("requested_size")[row];
		this.address[i] = address;
		this.size[i] = table.numbers("size")[row];
		this.requested[i] = Number.isNaN(requested) && latest !== -1 ? this.rows.history.numbers("real_size")[latest] : requested;
		this.state[i] = STATES.get(table.codes("state")[row]) ?? BlockState.inactive;
		const frames = table.codes("frames")[row];
		this.stack[i] = this.rows.stackOf(frames === -1 ? this.historyFrames(latest) : frames);
		this.count = i + 1;
	}
	/** Row of the latest entry of a block's history (2.0 and before). */
	latest(history) {
		let row = -1;
		if (kindOf(history) !== Kind.list) return -1;
		this.a.eachRun(history, (first) => {
			if (row === -1 && kindOf(first) === Row.history) row = refOf(first);
		});
		return row;
	}
	historyFrames(row) {
		if (row === -1) return -1;
		const frames = this.rows.history.codes("frames")[row];
		return kindOf(frames) === Kind.sequence ? frames : this.rows.history.codes("cpp_frames")[row];
	}
	finish() {
		const { count } = this;
		return {
			count,
			address: this.address.slice(0, count),
			size: this.size.slice(0, count),
			requested: this.requested.slice(0, count),
			state: this.state.slice(0, count),
			stack: this.stack.slice(0, count)
		};
	}
};
function devicesOf(a, top, events, segments, wanted) {
	const last = segments.count > 0 ? segments.device[segments.count - 1] : -1;
	const maxEntries = perDevice(a, top, "trace_alloc_max_entries");
	const overflowed = perDevice(a, top, "trace_alloc_overflowed");
	const devices = [];
	let row = 0;
	for (let index = 0; index <= Math.max(last, events.length - 1); index += 1) {
		const from = row;
		while (row < segments.count && segments.device[row] === index) row += 1;
		const mine = events[index] ?? NO_EVENTS;
		if (mine.count === 0 && row === from) continue;
		if (wanted.device !== void 0 && wanted.device !== index) continue;
		const most = maxEntries(index);
		const lost = overflowed(index);
		devices.push({
			index,
			events: mine,
			segments: [from, row],
			...typeof lost === "number" ? { overflowed: lost !== 0 } : {},
			...typeof most === "number" && most >= 0 ? { maxEntries: most } : {}
		});
	}
	return devices;
}
const NO_EVENTS = {
	count: 0,
	action: /* @__PURE__ */ new Uint8Array(),
	address: /* @__PURE__ */ new Float64Array(),
	size: /* @__PURE__ */ new Float64Array(),
	stream: /* @__PURE__ */ new Uint16Array(),
	stack: /* @__PURE__ */ new Uint32Array()
};
/** A figure of each device: one for all or a list, in the snapshot itself or in its settings. */
function perDevice(a, top, key) {
	const settings = entriesOf$1(a, top.entries.get(known("allocator_settings")) ?? -1);
	const code = top.entries.get(known(key)) ?? settings.get(known(key));
	if (code === void 0) return () => void 0;
	const kind = kindOf(code);
	if (kind !== Kind.list && kind !== Kind.pair) {
		const value = plainNumber(a, code);
		return () => value;
	}
	const values = [];
	a.eachItem(code, (item) => {
		if (values.length < 65535) values.push(plainNumber(a, item));
	});
	return (device) => values[device];
}
/** A number, or 1 and 0 for true and false. */
function plainNumber(a, code) {
	if (code === TRUE_CODE) return 1;
	if (code === FALSE_CODE) return 0;
	return code === NONE_CODE ? void 0 : a.numberOf(code);
}
function settingsOf(a, top) {
	const code = top.entries.get(known("allocator_settings"));
	if (code === void 0 || kindOf(code) !== Kind.dict) return void 0;
	const entries = entriesOf$1(a, code);
	const value = (key) => entries.get(known(key)) ?? -1;
	const flag = (key) => {
		const code = value(key);
		return code === TRUE_CODE ? true : code === FALSE_CODE ? false : void 0;
	};
	const conf = value("PYTORCH_CUDA_ALLOC_CONF");
	const maxSplit = a.numberOf(value("max_split_size"));
	const threshold = a.numberOf(value("garbage_collection_threshold"));
	const expandable = flag("expandable_segments");
	const reuse = flag("graph_capture_record_stream_reuse");
	const divisions = divisionsOf$1(a, value("roundup_power2_divisions"));
	return {
		...kindOf(conf) === Kind.text ? { conf: a.texts.text(refOf(conf)) } : {},
		...maxSplit === void 0 ? {} : { maxSplitSize: maxSplit < 0 ? Number.POSITIVE_INFINITY : maxSplit },
		...threshold === void 0 ? {} : { garbageCollectionThreshold: threshold },
		...expandable === void 0 ? {} : { expandableSegments: expandable },
		...divisions === void 0 ? {} : { roundupPower2Divisions: divisions },
		...reuse === void 0 ? {} : { graphCaptureRecordStreamReuse: reuse }
	};
}
function divisionsOf$1(a, code) {
	if (kindOf(code) !== Kind.dict) return void 0;
	const entries = entriesOf$1(a, code);
	const first = KEY_COUNT - DIVISION_KEYS.length;
	return DIVISION_KEYS.map((_, i) => a.numberOf(entries.get(first + i) ?? -1) ?? 0);
}
/** `unoom snapshot make` marks what it writes: at the top, or in each segment of a bare list. */
const isSynthetic = (rows, top) => top.entries.get(known("unoom_synthetic")) === TRUE_CODE || top.form === "list" && rows.otherKeys.get("segment")?.has(Kind.text << 27 | known("unoom_synthetic")) === true;
function annotationsOf(a, rows, top, wanted, tables, remarks) {
	const table = rows.annotations;
	const found = [];
	const names = table.codes("name");
	const stages = table.codes("stage");
	const devices = table.numbers("device");
	const list = top.entries.get(known("external_annotations")) ?? -1;
	let odd = 0;
	if (list !== -1) a.eachItem(list, (code) => {
		const row = refOf(code);
		if (kindOf(code) !== Row.annotation || kindOf(names[row]) !== Kind.text) odd += 1;
		else if (wanted.device === void 0 || wanted.device === devices[row]) found.push(row);
	});
	if (odd > 0) remarks.problem("odd-annotations", { count: odd });
	const name = Uint32Array.from(found, (row) => refOf(names[row]));
	tables.renumberTexts(name);
	return {
		count: found.length,
		name,
		isStart: Uint8Array.from(found, (row) => stages[row] === textCode("START") ? 1 : 0),
		device: Int32Array.from(found, (row) => devices[row]),
		time: Float64Array.from(found, (row) => table.numbers("time_us")[row])
	};
}
var Tables = class {
	a;
	rows;
	remarks;
	stackNumber;
	stackOrder = [];
	textNumber;
	textOrder = [];
	oddStacks = 0;
	constructor(a, rows, remarks) {
		this.a = a;
		this.rows = rows;
		this.remarks = remarks;
		this.stackNumber = new Uint32Array(a.sequences.count).fill(NONE);
		this.textNumber = new Uint32Array(a.texts.count).fill(NONE);
	}
	renumberStacks(column) {
		for (let i = 0; i < column.length; i += 1) {
			const sequence = column[i];
			if (sequence !== 4294967295) column[i] = this.stackOf(sequence);
		}
	}
	stackOf(sequence) {
		const there = this.stackNumber[sequence];
		if (there !== 4294967295) return there;
		if (!this.holdsFrames(sequence)) {
			this.oddStacks += 1;
			return NONE;
		}
		const number = this.stackOrder.length;
		this.stackOrder.push(sequence);
		this.stackNumber[sequence] = number;
		return number;
	}
	holdsFrames(sequence) {
		const { start, items } = this.a.sequences;
		const end = start[sequence + 1];
		for (let i = start[sequence]; i < end; i += 1) if (kindOf(items[i]) !== Kind.atom) return false;
		return true;
	}
	finishStacks() {
		const { a, rows } = this;
		const { start, items } = a.sequences;
		const offsets = new Uint32Array(this.stackOrder.length + 1);
		this.stackOrder.forEach((sequence, i) => {
			offsets[i + 1] = offsets[i] + a.sequences.lengthOf(sequence);
		});
		const column = new Uint32Array(offsets[this.stackOrder.length]);
		const frameNumber = new Uint32Array(rows.frameCount).fill(NONE);
		const order = [];
		let at = 0;
		for (const sequence of this.stackOrder) {
			const end = start[sequence + 1];
			for (let i = start[sequence]; i < end; i += 1) {
				const frame = refOf(items[i]);
				let number = frameNumber[frame];
				if (number === 4294967295) {
					number = order.length;
					order.push(frame);
					frameNumber[frame] = number;
				}
				column[at] = number;
				at += 1;
			}
		}
		const name = Uint32Array.from(order, (frame) => rows.frameName[frame]);
		const file = Uint32Array.from(order, (frame) => rows.frameFile[frame]);
		this.renumberTexts(name);
		this.renumberTexts(file);
		if (this.oddStacks > 0) this.remarks.problem("odd-stacks", { count: this.oddStacks });
		return {
			frames: {
				count: order.length,
				name,
				file,
				line: Int32Array.from(order, (frame) => rows.frameLine[frame])
			},
			stacks: {
				count: this.stackOrder.length,
				offsets,
				frames: column
			}
		};
	}
	renumberTexts(column) {
		for (let i = 0; i < column.length; i += 1) {
			const text = column[i];
			if (text === 4294967295) continue;
			let number = this.textNumber[text];
			if (number === 4294967295) {
				number = this.textOrder.length;
				this.textOrder.push(text);
				this.textNumber[text] = number;
			}
			column[i] = number;
		}
	}
	finishTexts() {
		return this.textOrder.map((text) => this.a.texts.text(text));
	}
};
// src/core/snapshot/format.ts
const SQLITE = [..."SQLite format 3"].map((c) => c.charCodeAt(0));
/** As many bytes as any format needs to show itself. */
const SNIFF_BYTES = SQLITE.length;
/** Spaces, line ends and a byte order mark may stand before JSON. */
function firstMeaningful(head) {
	let at = head[0] === 239 && head[1] === 187 && head[2] === 191 ? 3 : 0;
	while (at < head.length && isSpace(head[at])) at += 1;
	return at;
}
const isSpace = (byte) => byte === 32 || byte === 10 || byte === 13 || byte === 9;
function sniff(head) {
	const [first, second] = head;
	if (first === void 0) return "empty";
	if (first === 128) return "pickle";
	if (first === 31 && second === 139) return "gzip";
	if (first === 80 && second === 75) return "zip";
	if (SQLITE.every((byte, i) => head[i] === byte)) return "sqlite";
	const at = firstMeaningful(head);
	if (at === head.length) return "empty";
	const byte = head[at];
	if (byte === 40) return "old_pickle";
	return byte === 123 || byte === 91 ? "json" : "unknown";
}
[
	"device_traces",
	"segments",
	"segment_type",
	"total_size",
	"free_completed"
].map((text) => [...text].map((c) => c.charCodeAt(0)));
const TEXTS$6 = {
	en: {
		gzip: "The file is packed (gzip).",
		zip: "The file is a zip archive, such as torch.save writes; it is no memory snapshot.",
		sqlite: "The file is an SQLite database; that form of a snapshot cannot be read yet.",
		old_pickle: "The file looks like a pickle of protocol 0 or 1.",
		empty: "The file is empty.",
		unknown: "The file is neither a pickle nor JSON.",
		why: "Its first bytes tell.",
		todo: "Give the file that torch.cuda.memory._dump_snapshot() wrote.",
		todo_gzip: "Unpack it first, or give its path to the command, which unpacks it.",
		todo_zip: "If the snapshot is inside, unpack it. Otherwise record one with torch.cuda.memory._dump_snapshot().",
		todo_sqlite: "Write it as a pickle with torch.cuda.memory._dump_snapshot().",
		todo_old_pickle: "Write it with torch.cuda.memory._dump_snapshot(), or pickle.dump(…, protocol=4)."
	},
	zh: {
		gzip: "文件是压缩的（gzip）。",
		zip: "文件是 zip 归档（torch.save 写出的就是这种），不是内存快照。",
		sqlite: "文件是 SQLite 数据库；这种形式的快照目前还不能读取。",
		old_pickle: "文件看起来是协议 0 或 1 的 pickle。",
		empty: "文件是空的。",
		unknown: "文件既不是 pickle，也不是 JSON。",
		why: "由文件开头的字节判断。",
		todo: "提供 torch.cuda.memory._dump_snapshot() 写出的文件。",
		todo_gzip: "先解压，或把路径直接交给命令，由它解压。",
		todo_zip: "如果快照在归档里，先解包；否则用 torch.cuda.memory._dump_snapshot() 录制。",
		todo_sqlite: "用 torch.cuda.memory._dump_snapshot() 写成 pickle。",
		todo_old_pickle: "用 torch.cuda.memory._dump_snapshot() 或 pickle.dump(…, protocol=4) 写出。"
	},
	ru: {
		gzip: "Файл сжат (gzip).",
		zip: "Это архив zip, какие пишет torch.save, а не снимок памяти.",
		sqlite: "Это база SQLite; снимки в таком виде пока не читаются.",
		old_pickle: "Похоже на pickle протокола 0 или 1.",
		empty: "Файл пуст.",
		unknown: "Это не pickle и не JSON.",
		why: "Это видно по первым байтам.",
		todo: "Укажи файл, который записал torch.cuda.memory._dump_snapshot().",
		todo_gzip: "Сначала распакуй его или передай путь команде: она распакует сама.",
		todo_zip: "Если снимок лежит внутри, распакуй архив. Иначе сними его через torch.cuda.memory._dump_snapshot().",
		todo_sqlite: "Запиши его в виде pickle через torch.cuda.memory._dump_snapshot().",
		todo_old_pickle: "Запиши его через torch.cuda.memory._dump_snapshot() или pickle.dump(…, protocol=4)."
	}
};
const TODO = {
	gzip: "todo_gzip",
	zip: "todo_zip",
	sqlite: "todo_sqlite",
	old_pickle: "todo_old_pickle",
	empty: "todo",
	unknown: "todo"
};
function formatProblem(format) {
	return {
		code: `snapshot-${format.replaceAll("_", "-")}`,
		what: say(TEXTS$6, format),
		why: say(TEXTS$6, "why"),
		todo: say(TEXTS$6, TODO[format])
	};
}
// src/core/snapshot/reader.ts
/**
* Reads a snapshot piece by piece: a pickle or JSON, unpacked. A file that is damaged, that wants to run
* code or that is something else gives a problem with the place; nothing of it is given out.
*/
var SnapshotReader = class {
	options;
	rows;
	assembler;
	format;
	pickle;
	json;
	/** The first bytes, until they tell what the file is. */
	head = /* @__PURE__ */ new Uint8Array();
	/** Of all pieces that were taken. */
	bytes = 0;
	bytesBeforeEvents = 0;
	problem;
	constructor(options = {}) {
		this.options = options;
		this.rows = new Rows(options, (count) => this.forecast(count, this.bytesBeforeEvents));
		this.assembler = new Assembler(this.rows);
		this.assembler.forecast = (count) => this.forecast(count, 0);
		this.rows.attach(this.assembler);
		internKnown(this.assembler.texts);
		this.rows.poolOf(this.assembler.pairOf(0, 0));
		this.rows.streamOf(0);
	}
	/** Takes a piece; it may be used again afterwards. Never throws for what is in it: see `finish`. */
	push(chunk) {
		if (this.problem === void 0) this.guard(() => this.take(chunk));
		this.bytes += chunk.length;
		if (this.problem !== void 0) return;
		if (this.rows.events.count === 0) this.bytesBeforeEvents = this.bytes;
		this.options.onProgress?.({
			bytes: this.bytes,
			events: this.rows.events.count
		});
	}
	/** True once the file was refused: no further piece changes that. */
	get isRefused() {
		return this.problem !== void 0;
	}
	finish() {
		const snapshot = this.guard(() => this.complete());
		if (this.problem !== void 0) return { problem: this.problem };
		return snapshot === void 0 ? { problem: noSnapshot() } : { snapshot };
	}
	/**
	* How many entries there will be when `count` of them came with the bytes from `start` on: some more than
	* it looks like, for what is never used is never paid.
	*/
	forecast(count, start) {
		const read = this.bytes - start;
		const all = (this.options.sizeHint ?? 0) - start;
		if (read <= 0 || read >= all) return count * 1.5;
		return Math.min(count * 1.1 * all / read, all / LEAST_BYTES, MOST_FORECAST);
	}
	take(chunk) {
		const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
		if (this.format !== void 0) {
			this.pickle?.push(bytes);
			this.json?.push(bytes);
			return;
		}
		const head = new Uint8Array(this.head.length + bytes.length);
		head.set(this.head);
		head.set(bytes, this.head.length);
		if (firstMeaningful(head) === head.length && head.length < SNIFF_BYTES << 10) this.head = head;
		else if (head.length < SNIFF_BYTES && head[0] !== PROTO) this.head = head;
		else this.begin(head);
	}
	begin(head) {
		const format = sniff(head);
		this.head = /* @__PURE__ */ new Uint8Array();
		if (format === "pickle") {
			this.format = format;
			this.pickle = new PickleReader(this.assembler);
			this.pickle.push(head);
		} else if (format === "json") {
			this.format = format;
			this.json = new JsonReader(this.assembler);
			this.json.push(head[0] === BOM ? head.fill(SPACE, 0, 3) : head);
		} else this.problem = formatProblem(format);
	}
	complete() {
		if (this.problem !== void 0) return void 0;
		if (this.format === void 0) this.begin(this.head);
		this.pickle?.finish();
		this.json?.finish();
		const reader = this.pickle ?? this.json;
		if (this.format === void 0 || reader === void 0) return void 0;
		const protocol = this.pickle?.protocol;
		this.assembler.forgetMemo();
		return buildSnapshot(this.assembler, this.rows, this.assembler.valueAt(0), {
			container: this.format,
			...protocol === void 0 ? {} : { protocol },
			bytes: this.bytes,
			wanted: this.options,
			problems: problemsOf(reader)
		});
	}
	guard(work) {
		try {
			return work();
		} catch (error) {
			const refusal = error instanceof Refusal ? error : asRefusal(error);
			const offset = this.pickle?.offset ?? this.json?.offset ?? 0;
			this.problem = problemAt(refusal, offset, this.pickle?.opcodeName ?? "JSON");
			return;
		}
	}
};
/** An entry of the memo or an event takes at least so many bytes of a file. */
const LEAST_BYTES = 8;
/** Entries: more than that is not believed, only grown to. */
const MOST_FORECAST = 2 ** 28;
const PROTO = 128;
const BOM = 239;
const SPACE = 32;
/** Without room for an array the file is too large here; anything else is a bug of ours. */
function asRefusal(error) {
	if (error instanceof RangeError) return refuse("memory");
	throw error;
}
const TEXTS$5 = {
	en: {
		other: "The file holds data, but no memory snapshot.",
		other_why: "It has neither \"segments\" nor \"device_traces\", nor is it a list of segments.",
		other_todo: "Record one with torch.cuda.memory._dump_snapshot().",
		rounded: "{count} integers lie beyond 2^53 and were rounded.",
		rounded_why: "The first of them is at byte {offset}.",
		rounded_todo: "Addresses of CUDA devices are smaller: check which backend wrote the file.",
		trailing: "{count} bytes follow the end of the snapshot and were not read.",
		trailing_why: "The snapshot itself is complete.",
		trailing_todo: "If several snapshots were written to one file, split it.",
		stream: "The file could not be read to its end: {message}",
		stream_why: "Reading its bytes failed before the end.",
		stream_todo: "Copy it again; a packed file may be cut."
	},
	zh: {
		other: "文件中有数据，但不是内存快照。",
		other_why: "其中既没有“segments”也没有“device_traces”，也不是段的列表。",
		other_todo: "用 torch.cuda.memory._dump_snapshot() 录制快照。",
		rounded: "有 {count} 个整数超过 2^53，已被舍入。",
		rounded_why: "第一个位于第 {offset} 字节。",
		rounded_todo: "CUDA 设备的地址没有这么大：确认文件由哪个后端写出。",
		trailing: "快照结束之后还有 {count} 字节，没有读取。",
		trailing_why: "快照本身是完整的。",
		trailing_todo: "如果把多个快照写进了同一个文件，把它拆开。",
		stream: "文件没能读到末尾：{message}",
		stream_why: "读取字节时在末尾之前出错。",
		stream_todo: "重新复制；压缩文件可能被截断。"
	},
	ru: {
		other: "В файле есть данные, но это не снимок памяти.",
		other_why: "В нём нет ни «segments», ни «device_traces», и это не список сегментов.",
		other_todo: "Сними снимок через torch.cuda.memory._dump_snapshot().",
		rounded: "Целых чисел больше 2^53, которые пришлось округлить: {count}.",
		rounded_why: "Первое из них на байте {offset}.",
		rounded_todo: "Адреса устройств CUDA меньше: проверь, какой бэкенд записал файл.",
		trailing: "После конца снимка есть ещё байты: {count}; они не прочитаны.",
		trailing_why: "Сам снимок полон.",
		trailing_todo: "Если в один файл записано несколько снимков, раздели его.",
		stream: "Файл не удалось прочитать до конца: {message}",
		stream_why: "Чтение байтов прервалось до конца.",
		stream_todo: "Скопируй его заново; сжатый файл мог оборваться."
	}
};
const noSnapshot = () => ({
	code: "snapshot-other-data",
	what: say(TEXTS$5, "other"),
	why: say(TEXTS$5, "other_why"),
	todo: say(TEXTS$5, "other_todo")
});
function problemsOf(reader) {
	const problems = [];
	if (reader.roundedIntegers > 0) problems.push({
		code: "snapshot-rounded-integers",
		what: say(TEXTS$5, "rounded", { count: reader.roundedIntegers }),
		why: say(TEXTS$5, "rounded_why", { offset: reader.firstRounded }),
		todo: say(TEXTS$5, "rounded_todo")
	});
	if (reader.trailing > 0) problems.push({
		code: "snapshot-trailing-bytes",
		what: say(TEXTS$5, "trailing", { count: reader.trailing }),
		why: say(TEXTS$5, "trailing_why"),
		todo: say(TEXTS$5, "trailing_todo")
	});
	return problems;
}
/** Reads a snapshot from a stream of unpacked bytes. An error of the stream becomes a problem too. */
async function readSnapshot(chunks, options = {}) {
	const reader = new SnapshotReader(options);
	const pieces = iteratorOf(chunks);
	let isDone = false;
	while (!isDone && !reader.isRefused) {
		let piece;
		try {
			piece = await pieces.next();
		} catch (error) {
			return { problem: streamProblem(error) };
		}
		isDone = piece.done === true;
		if (piece.done !== true) reader.push(piece.value);
	}
	if (!isDone) await Promise.resolve(pieces.return?.()).catch(() => void 0);
	return reader.finish();
}
const iteratorOf = (chunks) => Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
function streamProblem(error) {
	const message = error instanceof Error ? error.message : String(error);
	return {
		code: "snapshot-unreadable",
		what: say(TEXTS$5, "stream", { message: message.slice(0, 200) }),
		why: say(TEXTS$5, "stream_why"),
		todo: say(TEXTS$5, "stream_todo")
	};
}
// src/core/snapshot/address-map.ts
/** From addresses to row numbers: open addressing in typed arrays, several times as fast as a Map. */
const EMPTY = -1;
var AddressMap = class {
	keys;
	values;
	mask;
	count = 0;
	/** @param expected entries that it will hold at once; it grows when there are more */
	constructor(expected = 1024) {
		let capacity = 64;
		while (capacity < expected * 2) capacity *= 2;
		this.keys = new Float64Array(capacity);
		this.values = new Int32Array(capacity).fill(EMPTY);
		this.mask = capacity - 1;
	}
	get size() {
		return this.count;
	}
	/** The row at an address, or -1. */
	get(address) {
		return this.values[this.slotOf(address)];
	}
	/** @param row not negative */
	set(address, row) {
		let slot = this.slotOf(address);
		if (this.values[slot] === EMPTY) {
			if ((this.count + 1) * 2 > this.mask) {
				this.grow();
				slot = this.slotOf(address);
			}
			this.count += 1;
			this.keys[slot] = address;
		}
		this.values[slot] = row;
	}
	/** Takes an address out and gives its row, or -1. */
	delete(address) {
		const { keys, values, mask } = this;
		let hole = this.slotOf(address);
		const row = values[hole];
		if (row === EMPTY) return EMPTY;
		this.count -= 1;
		for (let slot = hole + 1 & mask; values[slot] !== EMPTY; slot = slot + 1 & mask) {
			const home = hash(keys[slot]) & mask;
			if ((slot - home & mask) < (slot - hole & mask)) continue;
			keys[hole] = keys[slot];
			values[hole] = values[slot];
			hole = slot;
		}
		values[hole] = EMPTY;
		return row;
	}
	/** All rows, in no order. */
	rows() {
		const rows = [];
		for (const row of this.values) if (row !== EMPTY) rows.push(row);
		return rows;
	}
	slotOf(address) {
		const { keys, values, mask } = this;
		let slot = hash(address) & mask;
		while (values[slot] !== EMPTY && keys[slot] !== address) slot = slot + 1 & mask;
		return slot;
	}
	grow() {
		const { keys, values } = this;
		const capacity = values.length * 2;
		this.keys = new Float64Array(capacity);
		this.values = new Int32Array(capacity).fill(EMPTY);
		this.mask = capacity - 1;
		this.count = 0;
		for (let slot = 0; slot < values.length; slot += 1) if (values[slot] !== EMPTY) this.set(keys[slot], values[slot]);
	}
};
/** Addresses of blocks are multiples of 512: both halves of the page number take part. */
function hash(address) {
	const page = address / 512;
	const high = Math.floor(page / 2 ** 32);
	const mixed = Math.imul(page - high * 2 ** 32 ^ Math.imul(high, 668265263), 2654435761);
	return (mixed ^ mixed >>> 15) >>> 0;
}
// src/core/snapshot/program-of.ts
/**
* How a burst is read. A trace does not tell apart what completed before the allocator looked for a
* free block and what completed when it waited for all streams in its need.
*/
const Reading = {
	/** Frees that completed right before it and were delayed were waited for. */
	usual: 0,
	/** Without a stack: the program called empty_cache(). */
	called: 1,
	/** All frees that completed right before it were waited for. */
	allWaited: 2,
	/** None of them was. */
	noneWaited: 3
};
/** @param readings of bursts that are not read as usual, by their first event */
function recordingOf(snapshot, device, start, readings = /* @__PURE__ */ new Map()) {
	return new Recorder(snapshot, device, start, readings).record();
}
var Recorder = class {
	snapshot;
	device;
	readings;
	live;
	poolAt;
	isExplicit;
	op;
	block;
	size;
	stream;
	pool;
	events;
	count = 0;
	numbers;
	kind;
	tapeAddress;
	tapeSize;
	tapeStream;
	tapeEvent;
	taped = 0;
	addresses;
	mallocs = 0;
	/** Delayed frees that wait for the request which completed them: [block, event]. */
	deferred = [];
	/** The event of the request for which the last retry was. */
	retriedFor = NONE;
	emptyCaches = 0;
	retries = 0;
	bursts = [];
	contradictions = 0;
	constructor(snapshot, device, start, readings) {
		this.readings = readings;
		this.snapshot = snapshot;
		this.device = device;
		const { count } = device.events;
		const rows = countRows(device);
		this.op = new Uint8Array(rows.operations);
		this.block = new Uint32Array(rows.operations);
		this.size = new Float64Array(rows.operations);
		this.stream = new Uint16Array(rows.operations);
		this.pool = new Uint16Array(rows.operations);
		this.events = new Uint32Array(rows.operations);
		this.kind = new Uint8Array(rows.segments);
		this.tapeAddress = new Float64Array(rows.segments);
		this.tapeSize = new Float64Array(rows.segments);
		this.tapeStream = new Uint16Array(rows.segments);
		this.tapeEvent = new Uint32Array(rows.segments);
		this.addresses = new Float64Array(rows.allocations);
		this.numbers = start.count;
		this.live = new AddressMap(Math.min(count, 2 ** 16) + start.count);
		for (let number = 0; number < start.count; number += 1) this.live.set(start.addresses[number], number);
		this.poolAt = poolFinder(snapshot, device);
		this.isExplicit = emptyCacheFinder(snapshot);
	}
	record() {
		const { action, address, count } = this.device.events;
		for (let i = 0; i < count; i += 1) switch (action[i]) {
			case Action.alloc:
				this.addMalloc(i);
				break;
			case Action.freeRequested:
				this.addFree(Op.freeRequested, this.live.get(address[i]), i);
				break;
			case Action.freeCompleted:
				this.addFree(Op.freeCompleted, this.live.delete(address[i]), i);
				break;
			case Action.segmentAlloc:
				this.addToTape(TapeKind.allocate, i);
				break;
			case Action.segmentMap:
				this.addToTape(TapeKind.map, i);
				break;
			case Action.segmentFree:
			case Action.segmentUnmap:
				i = this.addBurst(i);
				break;
			case Action.oom: this.addFailure(i);
		}
		this.flushDeferred();
		return this.result();
	}
	add(op, block, event, size = 0, stream = 0, pool = 0) {
		const at = this.count;
		this.op[at] = op;
		this.block[at] = block;
		this.events[at] = event;
		this.size[at] = size;
		this.stream[at] = stream;
		this.pool[at] = pool;
		this.count += 1;
	}
	addMalloc(event) {
		const { address, size, stream } = this.device.events;
		const at = address[event];
		if (this.live.get(at) >= 0) this.contradictions += 1;
		this.add(Op.malloc, this.numbers, event, size[event], stream[event], this.poolAt(event));
		this.live.set(at, this.numbers);
		this.numbers += 1;
		this.addresses[this.mallocs] = at;
		this.mallocs += 1;
		if (this.deferred.length > 0) this.flushDeferred();
	}
	addFailure(event) {
		const { size, stream, pool } = this.device.events;
		if (this.retriedFor !== event) {
			this.bursts.push({
				first: event,
				last: event,
				request: event,
				isGuessed: false
			});
			this.defer(this.readings.get(event) ?? Reading.usual);
		}
		this.add(Op.oom, this.numbers, event, size[event], stream[event], pool?.[event] ?? 0);
		this.numbers += 1;
		this.flushDeferred();
	}
	addFree(op, block, event) {
		if (block < 0) this.contradictions += 1;
		else this.add(op, block, event);
	}
	addToTape(kind, event) {
		const { address, size, stream } = this.device.events;
		const at = this.taped;
		this.kind[at] = kind;
		this.tapeAddress[at] = address[event];
		this.tapeSize[at] = size[event];
		this.tapeStream[at] = stream[event];
		this.tapeEvent[at] = event;
		this.taped += 1;
	}
	/** Segments that were given back together, by the program or by the allocator in its need. */
	addBurst(first) {
		const { action, stack, count } = this.device.events;
		let last = first;
		while (last + 1 < count && givesBack(action[last + 1]) && stack[last + 1] === stack[first]) last += 1;
		for (let i = first; i <= last; i += 1) this.addToTape(action[i] === Action.segmentFree ? TapeKind.free : TapeKind.unmap, i);
		const isGuessed = stack[first] === NONE;
		this.bursts.push({
			first,
			last,
			request: this.requestAfter(last),
			isGuessed
		});
		const reading = this.readings.get(first) ?? Reading.usual;
		if (reading === Reading.called || this.isCalled(first, last)) {
			this.emptyCaches += 1;
			this.add(Op.emptyCache, 0, last);
		} else {
			this.retries += 1;
			this.retriedFor = this.bursts.at(-1)?.request ?? 4294967295;
			this.defer(reading);
		}
		return last;
	}
	/** The event of the next allocation or failure. */
	requestAfter(event) {
		const { action, count } = this.device.events;
		let next = event + 1;
		while (next < count && action[next] !== Action.alloc && action[next] !== Action.oom) next += 1;
		return next;
	}
	/** A stack tells. Without one, what is given back right before a request for more was in its way. */
	isCalled(first, last) {
		const { action, stack } = this.device.events;
		const of = stack[first];
		if (of !== 4294967295) return this.isExplicit(of);
		const following = action[last + 1];
		return !(following === Action.segmentAlloc || following === Action.segmentMap || following === Action.oom || following !== void 0 && givesBack(following));
	}
	/**
	* Frees that a request waited for, after it had looked for a free block in vain, follow that request
	* here.
	*/
	defer(reading) {
		if (reading === Reading.noneWaited) return;
		while (this.count > 0) {
			const at = this.count - 1;
			if (this.op[at] !== Op.freeCompleted) return;
			const block = this.block[at];
			const isAdjacent = this.op[at - 1] === Op.freeRequested && this.block[at - 1] === block;
			if (isAdjacent && reading !== Reading.allWaited) return;
			this.deferred.push([block, this.events[at]]);
			this.count -= 1;
			if (isAdjacent) return;
		}
	}
	flushDeferred() {
		for (let i = this.deferred.length - 1; i >= 0; i -= 1) {
			const [block, event] = this.deferred[i];
			this.add(Op.freeCompleted, block, event);
		}
		this.deferred = [];
	}
	result() {
		const { count, taped } = this;
		return {
			program: {
				count,
				op: this.op.subarray(0, count),
				block: this.block.subarray(0, count),
				size: this.size.subarray(0, count),
				stream: this.stream.subarray(0, count),
				pool: this.pool.subarray(0, count)
			},
			events: this.events.subarray(0, count),
			tape: {
				count: taped,
				kind: this.kind,
				address: this.tapeAddress,
				size: this.tapeSize,
				stream: this.tapeStream,
				event: this.tapeEvent
			},
			names: {
				streams: Math.max(1, this.snapshot.streams.length),
				pools: Math.max(1, this.snapshot.pools.length),
				blocks: this.numbers,
				streamRank: rankOf(this.snapshot.streams)
			},
			addresses: this.addresses,
			mallocs: this.mallocs,
			emptyCaches: this.emptyCaches,
			retries: this.retries,
			bursts: this.bursts,
			contradictions: this.contradictions
		};
	}
};
const givesBack = (action) => action === Action.segmentFree || action === Action.segmentUnmap;
function countRows(device) {
	const { action, count } = device.events;
	const counts = /* @__PURE__ */ new Uint32Array(256);
	for (let i = 0; i < count; i += 1) {
		const of = action[i];
		counts[of] = counts[of] + 1;
	}
	const of = (action) => counts[action];
	const given = of(Action.segmentFree) + of(Action.segmentUnmap);
	const allocations = of(Action.alloc);
	return {
		operations: allocations + (of(Action.freeRequested) + of(Action.freeCompleted)) + of(Action.oom) + given,
		segments: of(Action.segmentAlloc) + of(Action.segmentMap) + given,
		allocations
	};
}
/** The pool of an event: as it says, or that of the segment in which its address lies at the end. */
function poolFinder(snapshot, device) {
	const { address, pool } = device.events;
	if (pool !== void 0) return (event) => pool[event];
	if (snapshot.pools.length < 2) return () => 0;
	const { segments } = snapshot;
	const [first, end] = device.segments;
	return (event) => {
		const at = address[event];
		let from = first;
		let to = end;
		while (from < to) {
			const middle = from + to >> 1;
			if (segments.address[middle] <= at) from = middle + 1;
			else to = middle;
		}
		const found = from - 1;
		if (found < first) return 0;
		return at < segments.address[found] + segments.total[found] ? segments.pool[found] : 0;
	};
}
/** Whether a stack goes through empty_cache(), of Python or of C++. Remembers its answers. */
function emptyCacheFinder(snapshot) {
	const { stacks, frames, strings } = snapshot;
	const answers = /* @__PURE__ */ new Map();
	const look = (stack) => {
		const to = stacks.offsets[stack + 1] ?? 0;
		for (let i = stacks.offsets[stack] ?? 0; i < to; i += 1) {
			const name = strings[frames.name[stacks.frames[i]]] ?? "";
			if (name.includes("empty_cache") || name.includes("emptyCache")) return true;
		}
		return false;
	};
	return (stack) => {
		const known = answers.get(stack);
		if (known !== void 0) return known;
		const answer = look(stack);
		answers.set(stack, answer);
		return answer;
	};
}
/** Streams are ordered by their handles, which are pointers. */
function rankOf(streams) {
	const handles = streams.map((text) => /^-?\d{1,20}$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : 0n);
	const order = handles.map((_, i) => i);
	order.sort((a, b) => {
		const [left, right] = [handles[a], handles[b]];
		return left < right ? -1 : left > right ? 1 : a - b;
	});
	const rank = new Array(order.length).fill(0);
	for (const [place, stream] of order.entries()) rank[stream] = place;
	return rank;
}
// src/core/allocator/conf.ts
/**
* PYTORCH_CUDA_ALLOC_CONF: `key:value,key:value`, lists in brackets, white space without meaning.
*
* Source: c10/cuda/CUDAAllocatorConfig.cpp of PyTorch 1.13 to 2.11, c10/core/AllocatorConfig.h.
*/
/** Longer texts are cut; nobody sets that many options. */
const MAX_TEXT = 4096;
/** Options without a bearing on where blocks of the device go. */
const WITHOUT_BEARING = [
	"backend",
	"expandable_segments_reserve",
	"expandable_segments_reserve_by_class",
	"graph_capture_record_stream_reuse",
	"pinned_free_catch_all",
	"pinned_num_register_threads",
	"pinned_reserve_segment_size_mb",
	"pinned_use_background_threads",
	"pinned_use_cuda_host_register",
	"release_lock_on_cudamalloc",
	"release_lock_on_hipmalloc",
	"pinned_use_hip_host_register",
	"roundup_bypass_threshold_mb",
	"throw_on_cudamalloc_oom"
];
/** How each option with a bearing is read; false when its value is not legible. */
const READERS = /* @__PURE__ */ new Map([
	["expandable_segments", readExpandable],
	["max_split_size_mb", sizeInto("maxSplitSize")],
	["max_non_split_rounding_mb", sizeInto("maxNonSplitRounding")],
	["large_segment_size_mb", sizeInto("largeSegmentSize")],
	["garbage_collection_threshold", fractionInto("garbageCollectionThreshold")],
	["per_process_memory_fraction", fractionInto("perProcessMemoryFraction")],
	["roundup_power2_divisions", readDivisions]
]);
function parseConf(text) {
	const entries = entriesOf(text.slice(0, MAX_TEXT));
	const draft = {};
	const unknownKeys = [];
	const illegible = [];
	for (const entry of entries) {
		const read = READERS.get(entry.key);
		if (read !== void 0) {
			if (!read(draft, entry.value)) illegible.push(entry);
		} else if (!WITHOUT_BEARING.includes(entry.key)) unknownKeys.push(entry.key);
		if (entry.key === "backend") draft.backend = entry.value;
	}
	return {
		...draft,
		entries,
		unknownKeys,
		illegible
	};
}
/** Writes entries as PyTorch reads them. */
function writeConf(entries) {
	return entries.map(({ key, value }) => `${key}:${value}`).join(",");
}
/** Entries of a text; commas and colons within brackets belong to the value. */
function entriesOf(text) {
	const entries = [];
	let depth = 0;
	let key;
	let part = "";
	const close = () => {
		if (key !== void 0) entries.push({
			key,
			value: part
		});
		else if (part !== "") entries.push({
			key: part,
			value: ""
		});
		key = void 0;
		part = "";
	};
	for (const char of text) {
		if (char.trim() === "") continue;
		if (char === "[") depth += 1;
		if (char === "]") depth -= 1;
		if (char === "," && depth <= 0) close();
		else if (char === ":" && depth <= 0 && key === void 0) {
			key = part;
			part = "";
		} else part += char;
	}
	close();
	return entries;
}
function readExpandable(draft, value) {
	if (value !== "True" && value !== "False") return false;
	draft.expandableSegments = value === "True";
	return true;
}
function sizeInto(field) {
	return (draft, value) => {
		const mebibytes = wholeNumber(value);
		if (mebibytes === void 0 || mebibytes === 0) return false;
		draft[field] = mebibytes * MiB;
		return true;
	};
}
function fractionInto(field) {
	return (draft, value) => {
		const fraction = Number(value);
		if (value === "" || !(fraction >= 0 && fraction <= 1)) return false;
		draft[field] = fraction;
		return true;
	};
}
/** A number for all sizes, or `[256:1,512:2,>:8]`: powers of two in MiB and their divisions. */
function readDivisions(draft, value) {
	const divisions = value.startsWith("[") ? listedDivisions(value) : sameDivisions(value);
	if (divisions === void 0) return false;
	draft.roundupPower2Divisions = divisions;
	return true;
}
function sameDivisions(value) {
	const parts = division(value);
	return parts === void 0 ? void 0 : new Array(16).fill(parts);
}
function listedDivisions(value) {
	if (!value.endsWith("]")) return void 0;
	const divisions = new Array(16).fill(0);
	let last = 0;
	let isFirst = true;
	for (const { key, value: text } of entriesOf(value.slice(1, -1))) {
		const parts = division(text);
		if (parts === void 0) return void 0;
		if (key === ">") {
			divisions.fill(parts, last);
			continue;
		}
		const mebibytes = wholeNumber(key);
		if (mebibytes === void 0 || !isPowerOf2(mebibytes)) return void 0;
		const entry = Math.min(15, Math.log2(mebibytes));
		if (isFirst) divisions.fill(parts, 0, entry + 1);
		else divisions[entry] = parts;
		isFirst = false;
		last = entry;
	}
	return isFirst && last === 0 && !value.includes(">") ? void 0 : divisions;
}
/** 0 or a power of two. */
function division(value) {
	const parts = wholeNumber(value);
	return parts === void 0 || parts !== 0 && !isPowerOf2(parts) ? void 0 : parts;
}
const isPowerOf2 = (value) => value > 0 && Number.isInteger(Math.log2(value));
function wholeNumber(value) {
	return /^\d{1,9}$/.test(value) ? Number(value) : void 0;
}
// src/core/snapshot/settings.ts
/**
* The settings under which a snapshot was recorded, as far as it tells: what the file states, then
* the text of PYTORCH_CUDA_ALLOC_CONF, then what the trace shows, then the defaults.
*/
const TEXTS$4 = {
	en: {
		unknown_option: "\"{key}\" is no allocator option that unoom knows; it was left out of the replay.",
		illegible_option: "The value of \"{key}\" ({value}) is none that PyTorch takes; its default is assumed.",
		no_settings: "The file does not state allocator settings; the defaults are assumed.",
		async_backend: "The backend is {backend}, not the native allocator.",
		expandable_not_used: "expandable_segments is set, but nothing was mapped: it had no effect on this platform.",
		expandable_seen: "Segments were mapped piece by piece: expandable_segments was on.",
		gc_without_cap: "garbage_collection_threshold is set, but the memory fraction that it needs is not in the file; it is taken to be off.",
		fraction_without_total: "per_process_memory_fraction is set, but the total of the device is not in the file; its cap is not applied."
	},
	zh: {
		unknown_option: "“{key}”不是 unoom 认识的分配器选项，重放时未予考虑。",
		illegible_option: "“{key}”的值（{value}）不是 PyTorch 接受的取值，按默认值处理。",
		no_settings: "文件中没有分配器设置，按默认值处理。",
		async_backend: "后端是 {backend}，而不是原生分配器。",
		expandable_not_used: "设置了 expandable_segments，但没有任何映射事件：它在该平台上没有生效。",
		expandable_seen: "段是逐块映射的：expandable_segments 已开启。",
		gc_without_cap: "设置了 garbage_collection_threshold，但它所依赖的显存比例不在文件中，按未开启处理。",
		fraction_without_total: "设置了 per_process_memory_fraction，但文件中没有设备的总显存，未应用该上限。"
	},
	ru: {
		unknown_option: "«{key}» — неизвестный unoom параметр аллокатора; при воспроизведении он не учтён.",
		illegible_option: "Значение «{key}» ({value}) PyTorch не принимает; взято значение по умолчанию.",
		no_settings: "Настроек аллокатора в файле нет; взяты значения по умолчанию.",
		async_backend: "Бэкенд — {backend}, а не собственный аллокатор PyTorch.",
		expandable_not_used: "expandable_segments включён, но ничего не отображалось: на этой платформе он не подействовал.",
		expandable_seen: "Сегменты отображались по частям: expandable_segments был включён.",
		gc_without_cap: "garbage_collection_threshold задан, но доли памяти, без которой он не работает, в файле нет; считаем, что он выключен.",
		fraction_without_total: "per_process_memory_fraction задан, но общего объёма памяти устройства в файле нет; предел не применён."
	}
};
/** What PyTorch does when nothing is set. */
const DEFAULT_SETTINGS = {
	expandableSegments: false,
	maxSplitSize: Number.POSITIVE_INFINITY,
	maxNonSplitRounding: LARGE_SEGMENT,
	largeSegmentSize: LARGE_SEGMENT,
	roundupPower2Divisions: new Array(16).fill(0),
	garbageCollectionThreshold: 0,
	cap: Number.POSITIVE_INFINITY,
	capacity: Number.POSITIVE_INFINITY
};
/** @param deviceTotal bytes of the device, when they are known: the fraction is one of them */
function recordedSettings(snapshot, device, deviceTotal) {
	const recorded = snapshot.settings;
	const conf = parseConf(recorded?.conf ?? "");
	const notes = [...notesOfConf(conf, recorded !== void 0)];
	const largeSegmentSize = conf.largeSegmentSize ?? LARGE_SEGMENT;
	const fraction = conf.perProcessMemoryFraction ?? 1;
	const isCapped = fraction < 1;
	const cap = isCapped && deviceTotal !== void 0 ? Math.floor(fraction * deviceTotal) : Number.POSITIVE_INFINITY;
	if (isCapped && deviceTotal === void 0) notes.push(note("fraction_without_total"));
	const threshold = recorded?.garbageCollectionThreshold ?? conf.garbageCollectionThreshold ?? 0;
	if (threshold > 0 && cap === Number.POSITIVE_INFINITY) notes.push(note("gc_without_cap"));
	const stated = recorded?.expandableSegments ?? conf.expandableSegments ?? false;
	const expandableSegments = usesExpandable(snapshot, device, stated);
	if (stated !== expandableSegments) notes.push(note(stated ? "expandable_not_used" : "expandable_seen"));
	return {
		settings: {
			expandableSegments,
			maxSplitSize: recorded?.maxSplitSize ?? conf.maxSplitSize ?? Number.POSITIVE_INFINITY,
			maxNonSplitRounding: conf.maxNonSplitRounding ?? largeSegmentSize,
			largeSegmentSize,
			roundupPower2Divisions: divisionsOf(recorded?.roundupPower2Divisions ?? conf.roundupPower2Divisions),
			garbageCollectionThreshold: threshold,
			cap,
			capacity: Number.POSITIVE_INFINITY
		},
		conf,
		notes
	};
}
/** Always 16 entries. */
function divisionsOf(divisions) {
	return DEFAULT_SETTINGS.roundupPower2Divisions.map((none, i) => divisions?.[i] ?? none);
}
/** What happened decides: the option is ignored on some platforms, and can be changed at run time. */
function usesExpandable(snapshot, device, stated) {
	const { action, count } = device.events;
	let mapped = 0;
	let allocated = 0;
	for (let i = 0; i < count; i += 1) if (action[i] === Action.segmentMap) mapped += 1;
	else if (action[i] === Action.segmentAlloc) allocated += 1;
	if (mapped !== allocated) return mapped > allocated;
	const [from, to] = device.segments;
	let expandable = 0;
	for (let i = from; i < to; i += 1) expandable += snapshot.segments.isExpandable[i];
	return to > from ? stated && expandable > 0 : stated;
}
function notesOfConf(conf, isStated) {
	const notes = conf.unknownKeys.map((key) => note("unknown_option", { key }));
	for (const { key, value } of conf.illegible) notes.push(note("illegible_option", {
		key,
		value
	}));
	if (conf.backend !== void 0 && conf.backend !== "native") notes.push(note("async_backend", { backend: conf.backend }));
	if (!isStated) notes.push(note("no_settings"));
	return notes;
}
function note(key, params = {}) {
	return {
		code: `replay_${key}`,
		text: say(TEXTS$4, key, params)
	};
}
/** Versions of PyTorch from `Shape.version`, as 1000 × major + minor: "2.3 – 2.5", "2.10+", "≤ 1.13". */
function versionsOf(version) {
	const found = [...version.matchAll(/(\d{1,3})\.(\d{1,3})/g)].map(([, major, minor]) => 1e3 * Number(major) + Number(minor));
	const first = found[0];
	if (first === void 0) return {
		low: 0,
		high: Number.POSITIVE_INFINITY
	};
	if (version.startsWith("≤")) return {
		low: 0,
		high: first
	};
	if (version.endsWith("+")) return {
		low: first,
		high: Number.POSITIVE_INFINITY
	};
	return {
		low: first,
		high: found.at(-1) ?? first
	};
}
// src/core/snapshot/start.ts
/** No device has so many bytes that a reservation of 9/8 of them would be larger. */
const MAX_RESERVATION = 2 ** 39;
function startOf(snapshot, device, settings) {
	const state = new State(snapshot, device, settings);
	state.undoAll();
	return state.lay();
}
/** The segments of a start in which each uncertain block is as large as its slack says. */
function segmentsOf(start) {
	if (start.ambiguities.every(({ slack }) => slack === 0)) return start.segments;
	const blocks = start.segments.map((segment) => [...segment.blocks]);
	for (const { segment, block, slack, gap } of start.ambiguities) {
		if (slack === 0) continue;
		const row = blocks[segment];
		const held = row[block];
		row[block] = {
			...held,
			size: held.size + slack
		};
		row[block + 1] = { size: gap - slack };
	}
	return start.segments.map((segment, i) => ({
		...segment,
		blocks: blocks[i] ?? []
	}));
}
/** What was live at a moment, going backwards. */
var State = class {
	device;
	settings;
	/** Live blocks: rows of the four columns below. */
	live;
	addresses = [];
	/** NaN when only the request is known. */
	sizes = [];
	requests = [];
	isPending = [];
	/** Segments of cudaMalloc by address, and mapped ranges in order. */
	segments = /* @__PURE__ */ new Map();
	mapped = [];
	contradictions = 0;
	contradictedAt = -1;
	constructor(snapshot, device, settings) {
		this.device = device;
		this.settings = settings;
		const { segments, blocks } = snapshot;
		const [from, to] = device.segments;
		const firstBlock = segments.firstBlock[from] ?? 0;
		const lastBlock = segments.firstBlock[to] ?? firstBlock;
		this.live = new AddressMap(lastBlock - firstBlock);
		for (let s = from; s < to; s += 1) {
			const address = segments.address[s];
			const range = {
				from: address,
				to: address + segments.total[s],
				stream: segments.stream[s],
				pool: segments.pool[s],
				isLarge: segments.isLarge[s] === 1,
				isExpandable: segments.isExpandable[s] === 1
			};
			if (range.isExpandable) this.mapped.push(range);
			else this.segments.set(address, range);
		}
		for (let b = firstBlock; b < lastBlock; b += 1) {
			if (blocks.state[b] === BlockState.inactive) continue;
			this.add(blocks.address[b], blocks.size[b], blocks.requested[b], blocks.state[b] === BlockState.pendingFree);
		}
	}
	undoAll() {
		const { action, address, size, count } = this.device.events;
		for (let i = count - 1; i >= 0; i -= 1) {
			const at = address[i];
			const bytes = size[i];
			let fits = true;
			switch (action[i]) {
				case Action.alloc:
					fits = this.live.delete(at) >= 0;
					break;
				case Action.freeCompleted:
					fits = this.live.get(at) < 0;
					if (fits) this.add(at, NaN, bytes, true);
					break;
				case Action.freeRequested:
					fits = this.undoRequest(at, bytes);
					break;
				case Action.segmentAlloc:
					fits = this.segments.delete(at);
					break;
				case Action.segmentFree:
					fits = !this.segments.has(at);
					this.segments.set(at, this.segmentOf(i));
					break;
				case Action.segmentMap:
					this.cutOut(at, at + bytes);
					break;
				case Action.segmentUnmap: this.putBack(i);
			}
			if (fits) continue;
			this.contradictions += 1;
			if (this.contradictedAt < 0) this.contradictedAt = i;
		}
	}
	add(address, size, request, isPending) {
		const row = this.addresses.length;
		this.addresses.push(address);
		this.sizes.push(size);
		this.requests.push(request);
		this.isPending.push(isPending);
		this.live.set(address, row);
	}
	undoRequest(address, bytes) {
		const row = this.live.get(address);
		if (row < 0) {
			this.add(address, NaN, bytes, false);
			return false;
		}
		const wasPending = this.isPending[row] === true;
		this.isPending[row] = false;
		return wasPending;
	}
	/** The segment that an event gave back. Only small segments have 2 MiB. */
	segmentOf(event) {
		const { address, size, stream, pool } = this.device.events;
		const from = address[event];
		const bytes = size[event];
		return {
			from,
			to: from + bytes,
			stream: stream[event],
			pool: pool?.[event] ?? 0,
			isLarge: bytes !== SMALL_SEGMENT,
			isExpandable: false
		};
	}
	/** Undoes a mapping. */
	cutOut(from, to) {
		let at = this.firstMappedAfter(from);
		while (at < this.mapped.length) {
			const range = this.mapped[at];
			if (range.from >= to) return;
			const parts = [];
			if (range.from < from) parts.push({
				...range,
				to: from
			});
			if (range.to > to) parts.push({
				...range,
				from: to
			});
			this.mapped.splice(at, 1, ...parts);
			at += parts.length;
		}
	}
	/** Undoes an unmapping. Whole large pages are of the large pool, unless a neighbour says otherwise. */
	putBack(event) {
		const { size } = this.device.events;
		const isLarge = size[event] % this.settings.largeSegmentSize === 0;
		const range = {
			...this.segmentOf(event),
			isLarge,
			isExpandable: true
		};
		const at = this.firstMappedAfter(range.from);
		const neighbour = [this.mapped[at - 1], this.mapped[at]].find((other) => other !== void 0 && (other.to === range.from || other.from === range.to) && other.stream === range.stream);
		this.mapped.splice(at, 0, {
			...range,
			...neighbour && {
				isLarge: neighbour.isLarge,
				pool: neighbour.pool
			}
		});
	}
	/** Index of the first mapped range that ends behind an address. */
	firstMappedAfter(address) {
		let from = 0;
		let to = this.mapped.length;
		while (from < to) {
			const middle = from + to >> 1;
			if (this.mapped[middle].to <= address) from = middle + 1;
			else to = middle;
		}
		return from;
	}
	/** Lays what is live into what is there. */
	lay() {
		const ranges = disjoint([...this.segments.values(), ...joined(this.mapped)]);
		const rows = this.live.rows();
		rows.sort((a, b) => this.addresses[a] - this.addresses[b]);
		const segments = [];
		const numbers = [];
		const ambiguities = [];
		const lowest = lowestMapped(this.device, this.settings);
		let next = 0;
		for (const range of ranges) {
			while (next < rows.length && this.addressOf(rows, next) < range.from) {
				next += 1;
				this.contradictions += 1;
			}
			const first = next;
			while (next < rows.length && this.addressOf(rows, next) < range.to) next += 1;
			const blocks = [];
			let end = range.from;
			for (let i = first; i < next; i += 1) {
				const row = rows[i];
				const from = this.addresses[row];
				if (from < end) {
					this.contradictions += 1;
					continue;
				}
				if (from > end) blocks.push({ size: from - end });
				const room = (i + 1 < next ? this.addressOf(rows, i + 1) : range.to) - from;
				const { size, gap } = this.sizeOf(row, room, range);
				const number = numbers.push(from) - 1;
				if (gap > 0) ambiguities.push({
					segment: segments.length,
					block: blocks.length,
					number,
					address: from,
					end: from + size,
					gap,
					slack: 0,
					isRevealed: false,
					freedAt: this.device.events.count
				});
				blocks.push({
					size,
					block: number,
					requested: this.requests[row],
					...this.isPending[row] && { isPending: true }
				});
				end = from + size;
			}
			if (end < range.to) blocks.push({ size: range.to - end });
			segments.push({
				address: range.from,
				size: range.to - range.from,
				stream: range.stream,
				pool: range.pool,
				isLarge: range.isLarge,
				isExpandable: range.isExpandable,
				...range.isExpandable && beginningOf(range, lowest),
				blocks
			});
		}
		this.contradictions += rows.length - next;
		reveal(ambiguities, this.device);
		return {
			segments,
			count: numbers.length,
			addresses: Float64Array.from(numbers),
			ambiguities,
			contradictions: this.contradictions,
			...this.contradictedAt >= 0 && { contradictedAt: this.contradictedAt }
		};
	}
	addressOf(rows, at) {
		return this.addresses[rows[at]];
	}
	/**
	* Bytes of a block with `room` bytes to the next one, and the bytes behind it of which part may
	* belong to it (0: none).
	*/
	sizeOf(row, room, range) {
		const known = this.sizes[row];
		if (!Number.isNaN(known)) return {
			size: Math.min(known, room),
			gap: 0
		};
		const { roundupPower2Divisions, maxSplitSize, expandableSegments } = this.settings;
		const rounded = roundSize(this.requests[row], roundupPower2Divisions);
		if (rounded >= room) return {
			size: room,
			gap: 0
		};
		const gap = room - rounded;
		if (!range.isLarge || range.isExpandable || expandableSegments) return {
			size: rounded,
			gap: 0
		};
		if (gap <= SMALL_MAX || rounded >= maxSplitSize) return {
			size: room,
			gap: 0
		};
		return {
			size: rounded,
			gap
		};
	}
};
/**
* The lowest address that the trace maps, by stream and pool. Where that is below what is mapped at
* the start, it is where the addresses of the reservation begin: holes are filled from there.
*/
function lowestMapped(device, settings) {
	const lowest = /* @__PURE__ */ new Map();
	const { action, address, size, stream, count } = device.events;
	for (let i = 0; i < count; i += 1) {
		if (action[i] !== Action.segmentMap) continue;
		const isLarge = size[i] % settings.largeSegmentSize === 0;
		const key = `${stream[i]}/${isLarge}`;
		const at = address[i];
		if (at < (lowest.get(key) ?? Number.POSITIVE_INFINITY)) lowest.set(key, at);
	}
	return lowest;
}
function beginningOf(range, lowest) {
	const at = lowest.get(`${range.stream}/${range.isLarge}`);
	return at !== void 0 && at < range.from && at > range.from - MAX_RESERVATION ? { reservedFrom: at } : void 0;
}
/** Ranges by address, without those that reach into another: no allocator made them. */
function disjoint(ranges) {
	const sorted = [...ranges].sort((a, b) => a.from - b.from);
	let end = Number.NEGATIVE_INFINITY;
	return sorted.filter((range) => {
		if (range.from < end || range.to <= range.from) return false;
		end = range.to;
		return true;
	});
}
/** Mapped ranges that touch are one. */
function joined(ranges) {
	const all = [];
	for (const range of ranges) {
		const last = all.at(-1);
		if (last !== void 0 && last.to === range.from && last.stream === range.stream && last.pool === range.pool && last.isLarge === range.isLarge) last.to = range.to;
		else all.push({ ...range });
	}
	return all;
}
/** The first allocation in a gap, while the block before it lives, begins where that block ends. */
function reveal(ambiguities, device) {
	if (ambiguities.length === 0) return;
	const { action, address, count } = device.events;
	for (let i = 0; i < count; i += 1) {
		const what = action[i];
		const isAlloc = what === Action.alloc;
		if (!isAlloc && what !== Action.freeRequested && what !== Action.freeCompleted) continue;
		const at = address[i];
		const found = lastUpTo(ambiguities, at);
		if (found === void 0 || found.freedAt < i) continue;
		if (!isAlloc) {
			if (at === found.address) found.freedAt = i;
		} else if (!found.isRevealed && at >= found.end && at < found.end + found.gap) {
			if (at - found.end > SMALL_MAX) continue;
			found.slack = at - found.end;
			found.isRevealed = true;
		}
	}
}
/** Of ambiguities in order of address, the last whose block begins at or before an address. */
function lastUpTo(ambiguities, address) {
	let from = 0;
	let to = ambiguities.length;
	while (from < to) {
		const middle = from + to >> 1;
		if (ambiguities[middle].address <= address) from = middle + 1;
		else to = middle;
	}
	return ambiguities[from - 1];
}
// src/core/snapshot/replay.ts
const TEXTS$3 = {
	en: {
		no_trace: "The device has no events: memory history was not recorded.",
		state_only: "Only the state was recorded, not its history: the trace holds {events} stale events and no allocation that could be replayed.",
		kinds_missing: "The trace has {allocs} allocations and no completed free: kinds of events were left out when it was recorded.",
		other_backend: "The backend is {backend}: only the native allocator can be replayed.",
		whole: "Replayed from an empty allocator.",
		rebuilt: "Replayed from {blocks} blocks in {segments} segments that existed before the trace, rebuilt by undoing it.",
		ambiguous: "The ends of {blocks} blocks from before the trace are not in the file; {revealed} were shown by later allocations, {repaired} were settled by trial.",
		where: "At event {event} the replay put the block elsewhere than PyTorch did.",
		moment: "At event {event} PyTorch asked the driver for something else than the replay did.",
		served: "At event {event} the request failed when it was recorded, and is served in the replay.",
		not_served: "At event {event} the replay ran out of what the driver gave.",
		end: "All events were replayed; the blocks at the end differ.",
		maybe_start: "The state before the trace is ambiguous there: {blocks} blocks from before it that were still live have an uncertain end.",
		contradicted: "{count} events do not fit what the snapshot shows: events are missing or were changed.",
		guessed: "For {count} of the bursts of released segments no stack was recorded; whether the program called empty_cache() was told by their position."
	},
	zh: {
		no_trace: "该设备没有任何事件：没有记录显存历史。",
		state_only: "只记录了状态，没有记录历史：跟踪中只有 {events} 个过时的事件，没有可以重放的分配。",
		kinds_missing: "跟踪中有 {allocs} 次分配，却没有一次完成的释放：记录时略去了某些种类的事件。",
		other_backend: "后端是 {backend}：只有原生分配器可以重放。",
		whole: "从空的分配器开始重放。",
		rebuilt: "从跟踪之前已有的 {segments} 个段中的 {blocks} 个块开始重放；该状态由逆向撤销事件重建。",
		ambiguous: "文件中没有跟踪之前 {blocks} 个块的末端位置；其中 {revealed} 个由后来的分配显示出来，{repaired} 个通过尝试确定。",
		where: "在事件 {event} 处，重放得到的块地址与 PyTorch 的不同。",
		moment: "在事件 {event} 处，PyTorch 向驱动请求的内容与重放的不同。",
		served: "事件 {event} 的请求在记录时失败，在重放中却得到了满足。",
		not_served: "在事件 {event} 处，重放用尽了驱动给出的内存。",
		end: "所有事件都已重放，但最后的块不同。",
		maybe_start: "跟踪之前的状态在那里不确定：当时仍存活的 {blocks} 个旧块末端位置未知。",
		contradicted: "{count} 个事件与快照所示不符：有事件缺失或被改动。",
		guessed: "有 {count} 批段释放没有记录调用栈；是否由程序调用 empty_cache() 是按其位置判断的。"
	},
	ru: {
		no_trace: "У устройства нет событий: история памяти не записывалась.",
		state_only: "Записано только состояние, без истории: в трассе {events} устаревших событий и ни одного выделения, которое можно воспроизвести.",
		kinds_missing: "В трассе {allocs} выделений и ни одного завершённого освобождения: часть видов событий при записи пропущена.",
		other_backend: "Бэкенд — {backend}: воспроизвести можно только собственный аллокатор PyTorch.",
		whole: "Воспроизведено с пустого аллокатора.",
		rebuilt: "Воспроизведено с состояния до трассы (блоков: {blocks}, сегментов: {segments}), восстановленного отменой событий.",
		ambiguous: "Концы блоков, существовавших до трассы ({blocks}), в файле не указаны; {revealed} показали последующие выделения, {repaired} определены подбором.",
		where: "На событии {event} блок при воспроизведении оказался не там, где у PyTorch.",
		moment: "На событии {event} PyTorch запросил у драйвера не то, что воспроизведение.",
		served: "Запрос события {event} при записи не был выполнен, а при воспроизведении выполнен.",
		not_served: "На событии {event} воспроизведению не хватило того, что выдал драйвер.",
		end: "Все события воспроизведены, но блоки в конце отличаются.",
		maybe_start: "Состояние до трассы там неоднозначно: у {blocks} ещё живых прежних блоков неизвестен конец.",
		contradicted: "Событий, не согласующихся со снимком: {count}; часть событий пропущена или изменена.",
		guessed: "Для {count} серий освобождённых сегментов стек не записан; вызывала ли программа empty_cache(), определено по их месту."
	}
};
/** Tries to settle ambiguous blocks; each costs a run. */
const MAX_REPAIRS = 400;
/** Operations that all tries together may cost. */
const MAX_OPERATIONS$1 = 3e7;
function prepareReplay(snapshot, deviceRow, deviceTotal) {
	const device = snapshot.devices[deviceRow];
	if (device === void 0) return unknown(say(TEXTS$3, "no_trace"));
	const nothing = whyNothing(device);
	if (nothing !== void 0) return nothing;
	const found = recordedSettings(snapshot, device, deviceTotal);
	const { backend } = found.conf;
	if (backend !== void 0 && backend !== "native") return unknown(say(TEXTS$3, "other_backend", { backend }));
	const start = startOf(snapshot, device, found.settings);
	const settled = settle(snapshot, device, start, found.settings);
	const { recording, run } = settled;
	return {
		device,
		found,
		start,
		recording,
		run,
		replay: replayOf({
			snapshot,
			device,
			found,
			start,
			recording,
			run
		}, settled)
	};
}
/** Why there is nothing to replay, if so. */
function whyNothing(device) {
	const { action, count } = device.events;
	if (count === 0) return unknown(say(TEXTS$3, "no_trace"));
	let allocs = 0;
	let completed = 0;
	for (let i = 0; i < count; i += 1) if (action[i] === Action.alloc) allocs += 1;
	else if (action[i] === Action.freeCompleted) completed += 1;
	if (allocs === 0 || count === 1) return unknown(say(TEXTS$3, "state_only", { events: count }));
	const requested = action.subarray(0, count).includes(Action.freeRequested);
	if (completed === 0 && requested) return unknown(say(TEXTS$3, "kinds_missing", { allocs }));
}
/**
* Replays; where the replay parts from the recording, tries what is not certain otherwise: where
* blocks from before the trace end, and which releases without a stack the program asked for.
*/
function settle(snapshot, device, start, settings) {
	const { ambiguities } = start;
	const readings = /* @__PURE__ */ new Map();
	let recording = recordingOf(snapshot, device, start);
	let best;
	let slacks = [];
	let operations = 0;
	for (let tries = 0; tries < MAX_REPAIRS && operations < MAX_OPERATIONS$1; tries += 1) {
		const { program, events, names, tape } = recording;
		const run = runRecorded(program, events, segmentsOf(start), names, settings, tape);
		const divergence = divergenceOf(recording, run);
		if (best === void 0 || reach(recording, divergence) > reach(best.recording, best.divergence)) {
			best = {
				recording,
				run,
				divergence
			};
			slacks = ambiguities.map(({ slack }) => slack);
		}
		if (divergence === void 0) break;
		operations += program.count;
		if (readOtherwise(readings, recording, run, divergence)) {
			recording = recordingOf(snapshot, device, start, readings);
			continue;
		}
		const repair = repairOf(start, recording, run, divergence, settings);
		if (repair === void 0) break;
		repair.ambiguity.slack = repair.slack;
	}
	if (best === void 0) throw new Error("at least one try is made");
	let repaired = 0;
	for (const [i, ambiguity] of ambiguities.entries()) {
		ambiguity.slack = slacks[i];
		if (!ambiguity.isRevealed && ambiguity.slack > 0) repaired += 1;
	}
	return {
		...best,
		repaired
	};
}
/** How far a try came, as an event. */
function reach(recording, divergence) {
	return divergence === void 0 ? Number.POSITIVE_INFINITY : eventOf(recording, divergence.op);
}
/**
* Takes the next reading of the burst of releases at which the replay parted from the recording.
* False when there is no such burst, or all its readings were tried.
*/
function readOtherwise(readings, recording, run, divergence) {
	const { tape, bursts } = recording;
	const event = eventOf(recording, divergence.op);
	const unseen = run.predicted < tape.count ? tape.event[run.predicted] : -1;
	for (const { first, last, request, isGuessed } of bursts) {
		if (request !== event && (unseen < first || unseen > last)) continue;
		let reading = (readings.get(first) ?? Reading.usual) + 1;
		if (reading === Reading.called && !isGuessed) reading += 1;
		if (reading > Reading.noneWaited) continue;
		readings.set(first, reading);
		return true;
	}
	return false;
}
/** Where a run first came out otherwise than recorded. */
function divergenceOf(recording, run) {
	const { program, addresses } = recording;
	const compared = Math.min(run.mallocs, recording.mallocs);
	let equal = 0;
	while (equal < compared && run.addresses[equal] === addresses[equal]) equal += 1;
	const stopped = run.stoppedAt;
	if (equal < compared) return {
		op: mallocOp(recording, equal),
		why: "where",
		mallocs: equal
	};
	if (stopped === void 0) return void 0;
	const why = stopped.why === "served" || stopped.why === "not_served" ? stopped.why : "moment";
	const mallocs = program.op[stopped.op] === Op.malloc && run.mallocs > 0 && why === "moment" ? Math.min(equal, mallocsBefore(recording, stopped.op)) : equal;
	return {
		op: stopped.op,
		why,
		mallocs
	};
}
/** The operation of the nth `malloc`. */
function mallocOp(recording, nth) {
	const { op, count } = recording.program;
	let seen = 0;
	for (let i = 0; i < count; i += 1) {
		if (op[i] !== Op.malloc) continue;
		if (seen === nth) return i;
		seen += 1;
	}
	return count;
}
function mallocsBefore(recording, end) {
	const { op } = recording.program;
	let seen = 0;
	for (let i = 0; i < end; i += 1) if (op[i] === Op.malloc) seen += 1;
	return seen;
}
/**
* Which ambiguous block would explain a divergence, and how much longer it must be: the replay took
* its gap, which in truth was too short for the request.
*/
function repairOf(start, recording, run, divergence, settings) {
	const taken = divergence.why === "where" ? run.addresses[divergence.mallocs] : run.stoppedAt?.address;
	if (taken === void 0) return void 0;
	const event = recording.events[divergence.op];
	const ambiguity = start.ambiguities.find((each) => !each.isRevealed && each.freedAt > event && each.end + each.slack === taken);
	if (ambiguity === void 0) return void 0;
	const asked = recording.program.size[divergence.op];
	const rounded = roundSize(asked, settings.roundupPower2Divisions);
	const slack = ambiguity.gap - rounded + 512;
	return slack > ambiguity.slack && slack <= SMALL_MAX ? {
		ambiguity,
		slack
	} : void 0;
}
function replayOf(parts, { divergence, repaired }) {
	const { snapshot, device, found, start, recording, run } = parts;
	const isWhole = divergence === void 0;
	const areBlocksEqual = isWhole && sameBlocks(snapshot, device, run.blocks);
	const event = divergence === void 0 ? void 0 : eventOf(recording, divergence.op);
	return {
		allocations: recording.mallocs,
		address_equal: isWhole ? recording.mallocs : divergence.mallocs,
		...event !== void 0 && { diverged_at: event },
		...divergence !== void 0 && { diverged: say(TEXTS$3, divergence.why, { event: event ?? 0 }) },
		...isWhole && !areBlocksEqual && { diverged: say(TEXTS$3, "end") },
		final_blocks_equal: areBlocksEqual,
		segment_events: recording.tape.count,
		segment_events_equal: run.predicted,
		start: {
			segments: start.segments.length,
			blocks: start.count,
			ambiguous: start.ambiguities.length,
			revealed: start.ambiguities.filter(({ isRevealed }) => isRevealed).length,
			repaired
		},
		basis: basisOf(start, repaired, event),
		notes: [...found.notes, ...notesOf(start, recording)]
	};
}
function eventOf(recording, op) {
	const { events, program } = recording;
	return op < program.count ? events[op] : events.at(-1) ?? 0;
}
function basisOf(start, repaired, diverged) {
	const { ambiguities } = start;
	if (start.segments.length === 0) return [say(TEXTS$3, "whole")];
	const basis = [say(TEXTS$3, "rebuilt", {
		blocks: start.count,
		segments: start.segments.length
	})];
	if (ambiguities.length > 0) {
		const revealed = ambiguities.filter(({ isRevealed }) => isRevealed).length;
		basis.push(say(TEXTS$3, "ambiguous", {
			blocks: ambiguities.length,
			revealed,
			repaired
		}));
	}
	if (diverged !== void 0) {
		const open = ambiguities.filter((each) => !each.isRevealed && each.freedAt > diverged).length;
		if (open > 0) basis.push(say(TEXTS$3, "maybe_start", { blocks: open }));
	}
	return basis;
}
function notesOf(start, recording) {
	const notes = [];
	const contradictions = start.contradictions + recording.contradictions;
	if (contradictions > 0) notes.push({
		code: "replay_contradicted",
		text: say(TEXTS$3, "contradicted", { count: contradictions })
	});
	const guessed = recording.bursts.filter(({ isGuessed }) => isGuessed).length;
	if (guessed > 0) notes.push({
		code: "replay_guessed",
		text: say(TEXTS$3, "guessed", { count: guessed })
	});
	return notes;
}
/** Whether blocks are those of the snapshot: the same addresses, sizes and states. */
function sameBlocks(snapshot, device, found) {
	const { segments, blocks } = snapshot;
	const [from, to] = device.segments;
	const first = segments.firstBlock[from] ?? 0;
	const last = segments.firstBlock[to] ?? first;
	if (found.length !== last - first) return false;
	return found.every((block, i) => {
		const row = first + i;
		return block.address === blocks.address[row] && block.size === blocks.size[row] && STATE[block.state] === blocks.state[row];
	});
}
const STATE = {
	free: BlockState.inactive,
	allocated: BlockState.active,
	pending: BlockState.pendingFree
};
// src/core/snapshot/alternatives.ts
/**
* Which other settings are worth a try for a trace, what each is called in which version of PyTorch,
* and what is known against it.
*
* Source: docs "Optimizing memory usage with PYTORCH_CUDA_ALLOC_CONF" of PyTorch 2.0 to 2.13,
* CUDAAllocatorConfig.cpp, and the issues that the texts name.
*/
const TEXTS$2 = {
	en: {
		expandable_platform: "expandable_segments works on Linux with the driver API; elsewhere it is ignored with a warning, and on WSL2 it can fail with false out-of-memory errors.",
		expandable_ipc: "Before about 2.6, tensors in expandable segments cannot be shared between processes (CUDA IPC).",
		expandable_split_crash: "expandable_segments together with max_split_size_mb crashed before 2.5 (issue 123548), and reserved memory can grow without bound (pull request 193400).",
		split_last_resort: "The documentation calls max_split_size_mb a last resort: blocks from this size on are reused only for requests of nearly their size, and in some runs it raises the peak.",
		roundup_cost: "Rounding up costs memory in every block: it pays only where sizes vary.",
		gc_needs_fraction: "Garbage collection works only with a memory fraction, never touches expandable segments, and costs calls of cudaFree and cudaMalloc.",
		fraction_fails: "At the cap requests fail although the device has room. It counts segments of the caching allocator only, not the context, NCCL or other libraries (issue 58466).",
		empty_cache_neighbours: "This changes the program. Other processes on the device no longer get what empty_cache() gave back.",
		large_segment_small: "Other libraries and versions know no large_segment_size_mb: an unknown option is an error at the first use of CUDA.",
		needs_version: "The option exists from PyTorch {version} on, and the file does not tell whether the run used that; older versions stop with an error at the first use of CUDA.",
		one_variable: "Set only one of PYTORCH_ALLOC_CONF and PYTORCH_CUDA_ALLOC_CONF: versions differ in which of them counts.",
		fraction_unknown: "The total of the device is not in the file; choose the fraction so that the cap is {cap}."
	},
	zh: {
		expandable_platform: "expandable_segments 需要 Linux 和驱动 API；在其他平台上只给出警告并被忽略，在 WSL2 上可能误报显存不足。",
		expandable_ipc: "约 2.6 之前，可扩展段中的张量不能在进程之间共享（CUDA IPC）。",
		expandable_split_crash: "expandable_segments 与 max_split_size_mb 同用，在 2.5 之前会崩溃（issue 123548），保留的显存还可能无限增长（pull request 193400）。",
		split_last_resort: "文档称 max_split_size_mb 为最后手段：达到该大小的块只用于大小相近的请求，有些程序的峰值反而升高。",
		roundup_cost: "向上取整会让每个块多占显存，只有在大小多变时才划算。",
		gc_needs_fraction: "垃圾回收只有在设置了显存比例时才起作用，从不处理可扩展段，并会增加 cudaFree 和 cudaMalloc 调用。",
		fraction_fails: "到达上限后，即使设备还有空间，请求也会失败。它只计缓存分配器的段，不计上下文、NCCL 或其他库（issue 58466）。",
		empty_cache_neighbours: "这会改动程序。设备上的其他进程将得不到 empty_cache() 归还的显存。",
		large_segment_small: "其他库和版本不认识 large_segment_size_mb：未知选项会在首次使用 CUDA 时报错。",
		needs_version: "该选项从 PyTorch {version} 起才有，而文件看不出运行时用的是不是这样的版本；更早的版本会在首次使用 CUDA 时报错。",
		one_variable: "PYTORCH_ALLOC_CONF 和 PYTORCH_CUDA_ALLOC_CONF 只设置一个：以哪个为准因版本而异。",
		fraction_unknown: "文件中没有设备的总显存；比例要选得使上限为 {cap}。"
	},
	ru: {
		expandable_platform: "expandable_segments работает в Linux с driver API; на других платформах он игнорируется с предупреждением, а в WSL2 возможны ложные ошибки нехватки памяти.",
		expandable_ipc: "Примерно до 2.6 тензоры в расширяемых сегментах нельзя передавать между процессами (CUDA IPC).",
		expandable_split_crash: "expandable_segments вместе с max_split_size_mb до 2.5 приводил к падению (issue 123548), а зарезервированная память может расти без предела (pull request 193400).",
		split_last_resort: "Документация называет max_split_size_mb крайним средством: блоки от этого размера используются повторно только для близких по размеру запросов, и в некоторых программах пик растёт.",
		roundup_cost: "Округление вверх расходует память в каждом блоке: оно окупается, только если размеры меняются.",
		gc_needs_fraction: "Сборка мусора работает только при заданной доле памяти, расширяемых сегментов не касается и добавляет вызовы cudaFree и cudaMalloc.",
		fraction_fails: "На пределе запросы отклоняются, даже если на устройстве есть место. Учитываются только сегменты кэширующего аллокатора, но не контекст, NCCL и другие библиотеки (issue 58466).",
		empty_cache_neighbours: "Это меняет программу. Другие процессы на устройстве больше не получат того, что возвращал empty_cache().",
		large_segment_small: "Другие библиотеки и версии не знают large_segment_size_mb: неизвестный параметр — ошибка при первом обращении к CUDA.",
		needs_version: "Параметр есть начиная с PyTorch {version}, а какая версия работала, по файлу не видно; более старые останавливаются с ошибкой при первом обращении к CUDA.",
		one_variable: "Задавай только одну из PYTORCH_ALLOC_CONF и PYTORCH_CUDA_ALLOC_CONF: какая из них главнее, зависит от версии.",
		fraction_unknown: "Общего объёма памяти устройства в файле нет; выбери долю так, чтобы предел составил {cap}."
	}
};
/** Versions since which options exist, as 1000 × major + minor. Source: section 6 of docs, pull requests. */
const SINCE = /* @__PURE__ */ new Map([
	["max_split_size_mb", 1010],
	["roundup_power2_divisions", 1012],
	["garbage_collection_threshold", 1012],
	["expandable_segments", 2001],
	["per_process_memory_fraction", 2010],
	["large_segment_size_mb", 2011]
]);
/** From here on PYTORCH_ALLOC_CONF is the name that is documented first. */
const COMMON_NAME_SINCE = 2009;
/** The alternatives for a trace; those that no version in question knows are left out. */
function alternativesFor(premises) {
	const { settings, callsEmptyCache } = premises;
	const splits = splitSizes(premises.program, settings).map(maxSplit);
	const expandable = settings.expandableSegments ? void 0 : EXPANDABLE;
	const roundups = [
		4,
		8,
		16
	].map(roundup);
	const collect = [.6, .8].map((threshold) => garbageCollection(threshold, premises));
	const segments = [12, 40].map(largeSegment);
	const keep = callsEmptyCache ? KEEP_CACHE : void 0;
	const middle = splits[splits.length >> 1];
	const singles = [
		expandable,
		keep,
		...splits,
		...roundups,
		...collect,
		...segments
	];
	const pairs = [
		both(expandable, roundups[1]),
		both(expandable, segments[0]),
		both(expandable, keep),
		both(middle, roundups[1]),
		both(middle, collect[1]),
		both(middle, keep),
		both(roundups[1], keep)
	];
	return [
		...singles,
		fraction(.9, premises),
		...pairs
	].filter((each) => each !== void 0 && isNew(each, settings) && isKnown(each, premises.versions));
}
const EXPANDABLE = {
	id: "expandable_segments",
	patch: { expandableSegments: true },
	entries: [{
		key: "expandable_segments",
		value: "True"
	}]
};
const KEEP_CACHE = {
	id: "without_empty_cache",
	patch: {},
	entries: [],
	withoutEmptyCache: true
};
function maxSplit(mebibytes) {
	return single("max_split_size_mb", mebibytes, { maxSplitSize: mebibytes * MiB });
}
function roundup(parts) {
	return single("roundup_power2_divisions", parts, { roundupPower2Divisions: new Array(16).fill(parts) });
}
function largeSegment(mebibytes) {
	const largeSegmentSize = mebibytes * MiB;
	return single("large_segment_size_mb", mebibytes, {
		largeSegmentSize,
		maxNonSplitRounding: largeSegmentSize
	});
}
function single(key, value, patch) {
	return {
		id: `${key}:${value}`,
		patch,
		entries: [{
			key,
			value: String(value)
		}]
	};
}
function garbageCollection(threshold, premises) {
	const cap = premises.room;
	return withFraction(single("garbage_collection_threshold", threshold, {
		garbageCollectionThreshold: threshold,
		cap
	}), cap, premises);
}
function fraction(share, premises) {
	const cap = Math.floor(share * premises.room);
	return withFraction({
		id: `per_process_memory_fraction:${share}`,
		patch: { cap },
		entries: []
	}, cap, premises);
}
/** The option where the version surely has it, else the call that all versions have. */
function withFraction(own, cap, premises) {
	const { deviceTotal, versions } = premises;
	if (deviceTotal === void 0) return own;
	const value = String(Math.min(1, Math.floor(1e4 * cap / deviceTotal) / 1e4));
	const key = "per_process_memory_fraction";
	if (versions.low >= (SINCE.get(key) ?? 0)) return {
		...own,
		entries: [...own.entries, {
			key,
			value
		}]
	};
	return {
		...own,
		call: `torch.cuda.set_per_process_memory_fraction(${value})`
	};
}
function both(a, b) {
	if (a === void 0 || b === void 0) return void 0;
	const call = a.call ?? b.call;
	return {
		id: `${a.id}+${b.id}`,
		patch: {
			...a.patch,
			...b.patch
		},
		entries: [...a.entries, ...b.entries],
		...(a.withoutEmptyCache || b.withoutEmptyCache) && { withoutEmptyCache: true },
		...call !== void 0 && { call }
	};
}
/**
* Values of max_split_size_mb that would separate requests of this trace: powers of two, and the
* sizes at which half and three quarters of the requested bytes lie. In MiB, above the 20 that PyTorch
* asks for, up to five.
*/
function splitSizes(program, settings) {
	const sizes = [];
	for (let i = 0; i < program.count; i += 1) {
		if (program.op[i] !== Op.malloc) continue;
		const rounded = roundSize(program.size[i], settings.roundupPower2Divisions);
		if (rounded > settings.largeSegmentSize) sizes.push(rounded);
	}
	if (sizes.length === 0) return [];
	const sorted = Float64Array.from(sizes).sort();
	const largest = sorted.at(-1);
	const quantiles = [.5, .75].map((share) => atShareOfBytes(sorted, share));
	const powers = [
		32,
		64,
		128,
		256,
		512,
		1024
	].map((mebibytes) => mebibytes * MiB);
	const least = Math.floor(settings.largeSegmentSize / MiB) + 1;
	const wanted = [...powers, ...quantiles].filter((bytes) => bytes <= largest).map((bytes) => Math.max(least, Math.ceil(bytes / MiB)));
	const distinct = [...new Set(wanted)].sort((a, b) => a - b);
	if (distinct.length <= 5) return distinct;
	return Array.from({ length: 5 }, (_, i) => distinct[Math.round(i * (distinct.length - 1) / 4)] ?? least);
}
/** The size up to which requests make a share of all bytes. */
function atShareOfBytes(sorted, share) {
	let total = 0;
	for (const size of sorted) total += size;
	let sum = 0;
	for (const size of sorted) {
		sum += size;
		if (sum >= share * total) return size;
	}
	return sorted.at(-1) ?? 0;
}
/** It changes something. */
function isNew(alternative, settings) {
	if (alternative.withoutEmptyCache) return true;
	return Object.entries(alternative.patch).some(([key, value]) => String(settings[key]) !== String(value));
}
function isKnown(alternative, versions) {
	return alternative.entries.every(({ key }) => (SINCE.get(key) ?? 0) <= versions.high);
}
/** `PYTORCH_CUDA_ALLOC_CONF=…` with what was set before, as the version takes it. */
function environmentOf(alternative, conf, versions) {
	if (alternative.entries.length === 0) return void 0;
	const changed = new Set(alternative.entries.map(({ key }) => key));
	const kept = conf.entries.filter(({ key }) => !changed.has(key));
	return `${variableOf(versions)}=${writeConf([...kept, ...alternative.entries])}`;
}
function variableOf(versions) {
	return versions.low >= COMMON_NAME_SINCE ? "PYTORCH_ALLOC_CONF" : "PYTORCH_CUDA_ALLOC_CONF";
}
/** What is known against an alternative in the versions in question. */
function dangersOf(alternative, premises) {
	const { versions, settings, deviceTotal } = premises;
	const { patch, entries } = alternative;
	const dangers = [];
	const isExpandable = patch.expandableSegments ?? settings.expandableSegments;
	const splits = Number.isFinite(patch.maxSplitSize ?? settings.maxSplitSize);
	if (patch.expandableSegments) {
		dangers.push(say(TEXTS$2, "expandable_platform"));
		if (versions.low < 2006) dangers.push(say(TEXTS$2, "expandable_ipc"));
	}
	if (isExpandable && splits) dangers.push(say(TEXTS$2, "expandable_split_crash"));
	if (patch.maxSplitSize !== void 0) dangers.push(say(TEXTS$2, "split_last_resort"));
	if (patch.roundupPower2Divisions !== void 0) dangers.push(say(TEXTS$2, "roundup_cost"));
	if (patch.garbageCollectionThreshold !== void 0) dangers.push(say(TEXTS$2, "gc_needs_fraction"));
	if (patch.cap !== void 0) {
		dangers.push(say(TEXTS$2, "fraction_fails"));
		if (deviceTotal === void 0) dangers.push(say(TEXTS$2, "fraction_unknown", { cap: { size: patch.cap } }));
	}
	if (patch.largeSegmentSize !== void 0) dangers.push(say(TEXTS$2, "large_segment_small"));
	if (alternative.withoutEmptyCache) dangers.push(say(TEXTS$2, "empty_cache_neighbours"));
	const newest = Math.max(0, ...entries.map(({ key }) => SINCE.get(key) ?? 0));
	if (newest > versions.low) {
		const version = `${Math.floor(newest / 1e3)}.${newest % 1e3}`;
		dangers.push(say(TEXTS$2, "needs_version", { version }));
	}
	if (entries.length > 0 && versions.high >= COMMON_NAME_SINCE) dangers.push(say(TEXTS$2, "one_variable"));
	return dangers;
}
// src/core/snapshot/capacity.ts
/**
* How many bytes of segments the device had room for. Only a failed request tells: what was reserved
* then, and what the driver still had.
*/
const TEXTS$1 = {
	en: {
		from_failure: "Reserved {reserved} and free {free} at the failure (event {event}).",
		other_limit: "At the failure (event {event}) the driver still had {free}, enough for the request: a cap or a quota stopped it, taken to be just below what it would have reserved.",
		no_failure: "No request failed in the trace, so the room on the device is not known; it is taken to be without limit."
	},
	zh: {
		from_failure: "失败时（事件 {event}）已保留 {reserved}，空闲 {free}。",
		other_limit: "失败时（事件 {event}）驱动仍有 {free}，足够该请求使用：是某个上限或配额阻止了它，按略低于它将要保留的量处理。",
		no_failure: "跟踪中没有失败的请求，无法得知设备的可用空间，按没有上限处理。"
	},
	ru: {
		from_failure: "При сбое (событие {event}) зарезервировано {reserved}, свободно {free}.",
		other_limit: "При сбое (событие {event}) у драйвера оставалось {free} — для запроса достаточно: его остановил предел или квота; считаем, что предел чуть ниже того, что понадобилось бы зарезервировать.",
		no_failure: "Отказов в трассе нет, поэтому объём, доступный на устройстве, неизвестен; считаем его неограниченным."
	}
};
/** What was reserved in the course of the trace, from its own segment events. Bytes. */
function recordedReserved(prepared) {
	let reserved = reservedAtStart(prepared);
	let peak = reserved;
	const { action, size, count } = prepared.device.events;
	let deviceCalls = 0;
	for (let i = 0; i < count; i += 1) {
		const change = changeOf(action[i]);
		if (change === 0) continue;
		deviceCalls += 1;
		reserved += change * size[i];
		if (reserved > peak) peak = reserved;
	}
	return {
		peak,
		final: reserved,
		deviceCalls
	};
}
/** The room of the device as the first failure shows it. */
function capacityOf(prepared) {
	const { action, address, size, count } = prepared.device.events;
	const { settings } = prepared.found;
	let reserved = reservedAtStart(prepared);
	for (let i = 0; i < count; i += 1) {
		const what = action[i];
		reserved += changeOf(what) * size[i];
		if (what !== Action.oom) continue;
		const free = Math.max(0, address[i]);
		const wanted = segmentSize(roundSize(size[i], settings.roundupPower2Divisions), settings.largeSegmentSize);
		const isOther = free >= wanted + settings.largeSegmentSize;
		return {
			bytes: isOther ? reserved + wanted - 1 : reserved + free,
			event: i,
			basis: say(TEXTS$1, isOther ? "other_limit" : "from_failure", {
				reserved: { size: reserved },
				free: { size: free },
				event: i
			})
		};
	}
	return unknown(say(TEXTS$1, "no_failure"));
}
function reservedAtStart({ start }) {
	let reserved = 0;
	for (const segment of start.segments) reserved += segment.size;
	return reserved;
}
function changeOf(action) {
	if (action === Action.segmentAlloc || action === Action.segmentMap) return 1;
	return action === Action.segmentFree || action === Action.segmentUnmap ? -1 : 0;
}
// src/core/snapshot/what-if.ts
const TEXTS = {
	en: {
		diverged: "The replay under the recorded settings does not reproduce the trace, so the simulator is not proven for it.",
		start: "{blocks} blocks existed before the trace; under other settings they are placed anew, in the order of their addresses.",
		unseen: "No real trace that unoom was checked against uses {what}: this follows the source of PyTorch only.",
		start_decides: "Whether the request is served depends on how the memory lay before the trace, which the file does not show for other settings.",
		not_reproduced: "With the recorded settings the simulator serves the request that failed: what stopped it is not in the trace.",
		left_out: "The trace is long: {count} alternatives were left out.",
		lower_bound: "A lower bound: the trace may end before the peak of the run, and the context and other libraries come on top.",
		ends: "A what-if ends where the trace ends."
	},
	zh: {
		diverged: "按记录的设置重放不能再现该跟踪，因此模拟器对它未得到验证。",
		start: "跟踪之前已有 {blocks} 个块；在其他设置下按地址顺序重新放置它们。",
		unseen: "用来检验 unoom 的真实跟踪都没有用到 {what}：这里只依据 PyTorch 的源码。",
		start_decides: "请求能否满足取决于跟踪之前内存的布局，而文件没有给出其他设置下的布局。",
		not_reproduced: "按记录的设置，模拟器能满足那个失败的请求：阻止它的原因不在跟踪中。",
		left_out: "跟踪很长：略去了 {count} 个备选设置。",
		lower_bound: "这是下界：跟踪可能在运行达到峰值之前结束，上下文和其他库的占用另计。",
		ends: "假设推演到跟踪结束为止。"
	},
	ru: {
		diverged: "Воспроизведение с записанными настройками не повторяет трассу, поэтому симулятор на ней не подтверждён.",
		start: "До трассы существовало блоков: {blocks}; при других настройках они размещаются заново в порядке адресов.",
		unseen: "Ни одна реальная трасса, на которой проверялся unoom, не использует {what}: здесь опорой служит только исходный код PyTorch.",
		start_decides: "Будет ли запрос выполнен, зависит от расположения памяти до трассы, а для других настроек файл его не показывает.",
		not_reproduced: "С записанными настройками симулятор выполняет запрос, который был отклонён: что его остановило, по трассе не видно.",
		left_out: "Трасса длинная: пропущено вариантов: {count}.",
		lower_bound: "Нижняя граница: трасса могла закончиться раньше пика, а контекст и другие библиотеки занимают память сверх этого.",
		ends: "Расчёт «что, если» заканчивается там же, где трасса."
	}
};
/** The same for a trace that was replayed already. */
function whatIfOf(snapshot, prepared, options = {}) {
	const capacity = capacityOf(prepared);
	const room = isUnknown(capacity) ? Number.POSITIVE_INFINITY : capacity.bytes;
	const study = new Study(snapshot, prepared, {
		...prepared.found.settings,
		capacity: room
	}, options);
	const rows = study.rows();
	const compared = rows.findIndex(({ id }) => id === "as_recorded_anew");
	const comparedWith = Math.max(0, compared);
	const best = bestOf(rows, comparedWith);
	const sought = options.withoutSmallest ? [] : [comparedWith, ...best === void 0 ? [] : [best]];
	return {
		rows,
		compared_with: comparedWith,
		...best !== void 0 && { best },
		smallest: sought.flatMap((row) => study.smallest(row, rows[row])),
		capacity,
		premises: [
			...isUnknown(capacity) ? [capacity.unknown] : [capacity.basis],
			say(TEXTS, "ends"),
			...study.leftOut > 0 ? [say(TEXTS, "left_out", { count: study.leftOut })] : []
		]
	};
}
/** One trace under many settings; what they share is made once. */
var Study = class {
	/** Alternatives that a long trace leaves no time for, and whether it leaves any for the search. */
	leftOut;
	hasTime;
	prepared;
	settings;
	premises;
	alternatives;
	/** The trace, with what existed before it allocated first. */
	program;
	names;
	/** The trace alone, and the segments that it began with. */
	kept;
	/** Requests failed, and fail in the simulator too under the recorded settings. */
	failsAgain;
	constructor(snapshot, prepared, settings, options) {
		this.prepared = prepared;
		this.settings = settings;
		const { recording, start } = prepared;
		const { deviceTotal } = options;
		const reserved = recordedReserved(prepared);
		this.premises = {
			settings,
			program: recording.program,
			versions: versionsOf(snapshot.shape.version),
			callsEmptyCache: recording.emptyCaches > 0,
			room: Number.isFinite(settings.capacity) ? settings.capacity : reserved.peak,
			...deviceTotal !== void 0 && { deviceTotal }
		};
		const wanted = options.alternatives ?? alternativesFor(this.premises);
		const affordable = Math.max(3, Math.floor(MAX_OPERATIONS / recording.program.count));
		this.hasTime = affordable >= wanted.length + 2 * MAX_HALVINGS;
		this.alternatives = wanted.slice(0, affordable);
		this.leftOut = wanted.length - this.alternatives.length;
		const segments = segmentsOf(start);
		this.names = recording.names;
		this.kept = {
			program: recording.program,
			start: segments
		};
		this.program = start.count === 0 ? recording.program : withStart(recording.program, segments);
		const hasFailed = countOf(recording.program, Op.oom) > 0;
		this.failsAgain = hasFailed && !isServed(runModelled(recording.program, segments, this.names, settings));
	}
	rows() {
		const rows = [this.recorded()];
		if (this.prepared.start.count > 0) rows.push(this.row({
			id: "as_recorded_anew",
			patch: {},
			entries: []
		}));
		for (const alternative of this.alternatives) rows.push(this.row(alternative));
		return rows;
	}
	/** What happened, from the trace itself. */
	recorded() {
		const { replay, recording } = this.prepared;
		const reserved = recordedReserved(this.prepared);
		const failures = countOf(recording.program, Op.oom);
		return {
			id: "as_recorded",
			settings: this.settings,
			without_empty_cache: false,
			peak_reserved_bytes: reserved.peak,
			final_reserved_bytes: reserved.final,
			device_calls: reserved.deviceCalls,
			retries: recording.retries,
			...failures > 0 && { served: false },
			basis: isProven(this.prepared) ? "replayed" : "modelled",
			why: isProven(this.prepared) || replay.diverged === void 0 ? [] : [replay.diverged],
			dangers: []
		};
	}
	row(alternative) {
		const settings = {
			...this.settings,
			...alternative.patch
		};
		const run = this.run(alternative, settings);
		const { conf } = this.prepared.found;
		const environment = environmentOf(alternative, conf, this.premises.versions);
		const served = this.servedIn(alternative, settings, run);
		const why = this.whyModelled(settings);
		if (run.oomCount > 0 && served === void 0) why.push(say(TEXTS, this.failsAgain ? "start_decides" : "not_reproduced"));
		const isModelled = why.length > 0;
		return {
			id: alternative.id,
			settings,
			without_empty_cache: alternative.withoutEmptyCache === true,
			...environment !== void 0 && { conf: environment },
			...alternative.call !== void 0 && { call: alternative.call },
			peak_reserved_bytes: run.peakReserved,
			final_reserved_bytes: run.finalReserved,
			device_calls: run.deviceCalls,
			retries: run.retries,
			...served !== void 0 && { served },
			...run.failedAt !== void 0 && { failed_at: this.eventOf(run.failedAt) },
			basis: isModelled ? "modelled" : "replayed",
			why,
			dangers: dangersOf(alternative, this.premises)
		};
	}
	run(alternative, settings) {
		const withoutEmptyCache = alternative.withoutEmptyCache === true;
		return runModelled(this.program, [], this.names, settings, { withoutEmptyCache });
	}
	/** The event of an operation of the program that begins with what existed before. */
	eventOf(operation) {
		const { recording } = this.prepared;
		const at = operation - (this.program.count - recording.program.count);
		return at < 0 ? 0 : recording.events[at];
	}
	/**
	* Placed anew, the memory from before lies better than it did; kept as it was, it lies as the old
	* settings put it. Only when both agree is the answer known.
	*/
	servedIn(alternative, settings, run) {
		if (!this.failsAgain) return void 0;
		const anew = isServed(run);
		if (this.kept.start.length === 0) return anew;
		const withoutEmptyCache = alternative.withoutEmptyCache === true;
		const { program, start } = this.kept;
		return isServed(runModelled(program, start, this.names, settings, { withoutEmptyCache })) === anew ? anew : void 0;
	}
	whyModelled(settings) {
		const why = [];
		const { start, recording } = this.prepared;
		if (!isProven(this.prepared)) why.push(say(TEXTS, "diverged"));
		if (start.count > 0) why.push(say(TEXTS, "start", { blocks: start.count }));
		for (const what of unseenPaths(settings, recording.program, this.names.pools)) why.push(say(TEXTS, "unseen", { what }));
		return why;
	}
	/** Halves the range between what is allocated and what is reserved without a limit. */
	smallest(row, whatIf) {
		const options = { withoutEmptyCache: whatIf.without_empty_cache };
		const tryRoom = (capacity) => runModelled(this.program, [], this.names, {
			...whatIf.settings,
			capacity
		}, options);
		const free = tryRoom(Number.POSITIVE_INFINITY);
		if (!isServed(free)) return [];
		let low = free.peakAllocated;
		let high = free.peakReserved;
		for (let i = 0; i < MAX_HALVINGS && high - low > PRECISION; i += 1) {
			const middle = Math.ceil((low + high) / 2 / PRECISION) * PRECISION;
			if (middle >= high) break;
			if (isServed(tryRoom(middle))) high = middle;
			else low = middle;
		}
		return [{
			row,
			reserved_bytes: high,
			basis: say(TEXTS, "lower_bound")
		}];
	}
};
/** What all runs of a study may cost together. */
const MAX_OPERATIONS = 1e8;
/** Segments are multiples of this. Bytes. */
const PRECISION = 2 ** 21;
const MAX_HALVINGS = 12;
/** The whole trace came out as recorded. */
function isProven({ replay }) {
	return replay.address_equal === replay.allocations && replay.final_blocks_equal;
}
/** All requests were served, those that had failed included. */
function isServed(run) {
	return run.failedAt === void 0 && run.oomServed === run.oomCount;
}
/** Parts of the allocator that no real trace has exercised. */
function unseenPaths(settings, program, pools) {
	const paths = [];
	if (Number.isFinite(settings.maxSplitSize)) paths.push("max_split_size_mb");
	if (settings.roundupPower2Divisions.some((parts) => parts > 0)) paths.push("roundup_power2_divisions");
	if (settings.garbageCollectionThreshold > 0) paths.push("garbage_collection_threshold");
	if (Number.isFinite(settings.cap)) paths.push("per_process_memory_fraction");
	if (settings.largeSegmentSize !== DEFAULT_LARGE) paths.push("large_segment_size_mb");
	if (pools > 1) paths.push("private pools");
	if (hasDelayedFrees(program)) paths.push("record_stream");
	return paths;
}
const DEFAULT_LARGE = 20 * 2 ** 20;
function hasDelayedFrees({ op, block, count }) {
	for (let i = 0; i < count; i += 1) {
		if (op[i] !== Op.freeRequested) continue;
		if (op[i + 1] !== Op.freeCompleted || block[i + 1] !== block[i]) return true;
	}
	return false;
}
function countOf({ op, count }, what) {
	let found = 0;
	for (let i = 0; i < count; i += 1) if (op[i] === what) found += 1;
	return found;
}
/** A program that first allocates what existed before, in the order of addresses. */
function withStart(program, segments) {
	const held = segments.flatMap((segment) => segment.blocks.flatMap((block) => block.block === void 0 ? [] : [{
		segment,
		block
	}]));
	const pending = held.filter(({ block }) => block.isPending);
	const before = held.length + pending.length;
	const count = before + program.count;
	const joined = {
		count,
		op: new Uint8Array(count),
		block: new Uint32Array(count),
		size: new Float64Array(count),
		stream: new Uint16Array(count),
		pool: new Uint16Array(count)
	};
	for (const [i, { segment, block }] of held.entries()) {
		joined.op[i] = Op.malloc;
		joined.block[i] = block.block ?? 0;
		const requested = block.requested ?? NaN;
		joined.size[i] = requested > 0 && requested <= block.size ? requested : block.size;
		joined.stream[i] = segment.stream;
		joined.pool[i] = segment.pool;
	}
	for (const [i, { block }] of pending.entries()) {
		joined.op[held.length + i] = Op.freeRequested;
		joined.block[held.length + i] = block.block ?? 0;
	}
	joined.op.set(program.op, before);
	joined.block.set(program.block, before);
	joined.size.set(program.size, before);
	joined.stream.set(program.stream, before);
	joined.pool.set(program.pool, before);
	return joined;
}
/**
* The alternative that serves what failed, else the one with the lowest peak: by a hundredth at least,
* without more waits for all streams, and without many more calls of the driver. A mere cap is none.
* Of those that are as good to a hundredth, the one that changes least and has least against it.
*/
function bestOf(rows, comparedWith) {
	const base = rows[comparedWith];
	const better = rows.map((row, index) => ({
		row,
		index
	})).slice(comparedWith + 1).filter(({ row }) => isBetter(row, base));
	const mostServed = Math.max(...better.map(({ row }) => serves(row)));
	const serving = better.filter(({ row }) => serves(row) === mostServed);
	const lowest = Math.min(...serving.map(({ row }) => row.peak_reserved_bytes));
	const candidates = serving.filter(({ row }) => row.peak_reserved_bytes <= 1.01 * lowest);
	candidates.sort(({ row: a }, { row: b }) => changesOf(a) - changesOf(b) || Number(b.basis === "replayed") - Number(a.basis === "replayed") || a.dangers.length - b.dangers.length || a.peak_reserved_bytes - b.peak_reserved_bytes || a.device_calls - b.device_calls);
	return candidates[0]?.index;
}
function isBetter(row, base) {
	if (!(row.failed_at === void 0 && row.settings.cap >= base.peak_reserved_bytes && row.retries <= base.retries && row.device_calls <= 2 * base.device_calls + 64) || serves(row) < serves(base)) return false;
	return serves(row) > serves(base) || row.peak_reserved_bytes <= .99 * base.peak_reserved_bytes;
}
const changesOf = ({ id }) => id.split("+").length;
/** Surely served before perhaps before surely not. */
const serves = ({ served }) => served === true ? 2 : served === void 0 ? 1 : 0;
// test/allocator/synthetic.ts
/**
* Snapshots of runs that never were: a seeded workload, put through the simulator and written down as
* PyTorch would. They show that reader, start and replay agree with each other; whether the
* simulator is right they cannot show, only real files can.
*/
const MIB = 2 ** 20;
const PLAIN_SETTINGS = {
	expandableSegments: false,
	maxSplitSize: Number.POSITIVE_INFINITY,
	maxNonSplitRounding: 20 * MIB,
	largeSegmentSize: 20 * MIB,
	roundupPower2Divisions: new Array(16).fill(0),
	garbageCollectionThreshold: 0,
	cap: Number.POSITIVE_INFINITY,
	capacity: Number.POSITIVE_INFINITY
};
const STACK_OF_PROGRAM = 0;
const STACK_OF_EMPTY_CACHE = 1;
/** A device that writes down what it did. */
var RecordingDevice = class {
	used = 0;
	/** What happened within one call of the allocator. */
	buffer = [];
	stack = STACK_OF_PROGRAM;
	segments = /* @__PURE__ */ new Map();
	/** The stream of each segment, and of each reservation by its number. */
	streams = /* @__PURE__ */ new Map();
	random;
	capacity;
	next = 0x7f0000000000;
	reservations = 0;
	constructor(capacity, random) {
		this.capacity = capacity;
		this.random = random;
	}
	allocate(bytes, stream) {
		if (this.used + bytes > this.capacity) return -1;
		this.used += bytes;
		this.next += Math.ceil(this.random() * 4) * 2 * MIB;
		const address = this.next;
		this.next += bytes;
		this.segments.set(address, bytes);
		this.streams.set(address, stream);
		this.write(Action.segmentAlloc, address, bytes, stream);
		return address;
	}
	free(address, bytes) {
		this.used -= bytes;
		this.segments.delete(address);
		this.write(Action.segmentFree, address, bytes, this.streams.get(address) ?? 0);
	}
	reserve() {
		this.reservations += 1;
		return this.reservations * 2 ** 40;
	}
	isExhausted() {
		return false;
	}
	map(address, bytes, stream) {
		if (this.used + bytes > this.capacity) return false;
		this.used += bytes;
		this.streams.set(Math.floor(address / 2 ** 40), stream);
		this.write(Action.segmentMap, address, bytes, stream);
		return true;
	}
	unmap(address, bytes) {
		this.used -= bytes;
		const stream = this.streams.get(Math.floor(address / 2 ** 40)) ?? 0;
		this.write(Action.segmentUnmap, address, bytes, stream);
	}
	write(action, address, size, stream) {
		this.buffer.push({
			action,
			address,
			size,
			stream,
			stack: this.stack
		});
	}
};
/** Mulberry32. */
function randomFrom(seed) {
	let state = seed >>> 0;
	return () => {
		state = state + 1831565813 >>> 0;
		let t = state;
		t = Math.imul(t ^ t >>> 15, t | 1);
		t ^= t + Math.imul(t ^ t >>> 7, t | 61);
		return ((t ^ t >>> 14) >>> 0) / 4294967296;
	};
}
/** The program of a run: tensors that stay, and per step a stack of tensors that come and go. */
var SyntheticRun = class {
	settings;
	events = [];
	allocator;
	live = /* @__PURE__ */ new Map();
	pending = [];
	device;
	random;
	workload;
	sizes;
	numbers = 0;
	held = 0;
	constructor(workload) {
		this.workload = workload;
		this.settings = {
			...PLAIN_SETTINGS,
			...workload.settings
		};
		this.random = randomFrom(workload.seed);
		this.device = new RecordingDevice(this.settings.capacity, randomFrom(workload.seed + 1e6));
		this.allocator = new CachingAllocator(this.settings, this.device, {
			streams: workload.streams ?? 1,
			pools: 1,
			blocks: workload.events
		});
		this.sizes = Array.from({ length: 24 }, () => this.anySize());
	}
	run() {
		const { events, emptyCacheEvery } = this.workload;
		for (let i = 0; i < 30; i += 1) this.allocate(this.anySize(), 0);
		for (let step = 1; this.events.length < events; step += 1) {
			this.step();
			if (emptyCacheEvery !== void 0 && step % emptyCacheEvery === 0) this.emptyCache();
		}
	}
	/** Forward: tensors that stay until backward, with temporaries. Backward: in reverse. */
	step() {
		const scale = .5 + this.random();
		const kept = [];
		for (let layer = 0; layer < (this.workload.layers ?? 60); layer += 1) {
			const stream = this.random() < .9 ? 0 : Math.floor(this.random() * this.streams());
			const size = this.pick() * (this.random() < .3 ? scale : 1);
			const saved = this.allocate(Math.max(1, Math.floor(size)), stream);
			if (saved !== void 0) kept.push(saved);
			const temporary = this.allocate(this.pick(), stream);
			if (temporary !== void 0 && this.random() < .97) this.free(temporary);
			else if (temporary !== void 0) kept.push(temporary);
		}
		for (const each of kept.reverse()) {
			const gradient = this.allocate(each.size, each.stream);
			this.free(each);
			if (gradient !== void 0 && this.random() < .995) this.free(gradient);
		}
		if (this.random() < .3) this.freeSomeOld();
	}
	streams() {
		return this.workload.streams ?? 1;
	}
	pick() {
		return this.random() < .8 ? this.sizes[Math.floor(this.random() * this.sizes.length)] : this.anySize();
	}
	anySize() {
		const exponent = 6 + this.random() * 18.5;
		return Math.max(1, Math.floor(2 ** exponent));
	}
	freeSomeOld() {
		const old = [...this.live.values()].slice(0, 40);
		for (const each of old) if (this.random() < .2) this.free(each);
	}
	allocate(size, stream) {
		if (this.held + size > (this.workload.budget ?? 2 ** 33)) this.freeSomeOld();
		if (this.random() < .3) this.completeSome();
		const number = this.numbers;
		this.numbers += 1;
		this.device.buffer = [];
		const isServed = this.allocator.malloc(number, size, stream, 0);
		this.flush();
		if (!isServed) {
			const rounded = Math.ceil(size / 512) * 512;
			const free = this.settings.capacity - this.device.used;
			this.write(Action.oom, free, rounded, stream);
			for (let i = 0; i < 5; i += 1) this.freeSomeOld();
			return;
		}
		const held = {
			number,
			address: this.allocator.addressOf(number),
			size,
			stream
		};
		this.write(Action.alloc, held.address, size, stream);
		this.live.set(number, held);
		this.held += size;
		return held;
	}
	free(held) {
		if (!this.live.delete(held.number)) return;
		this.held -= held.size;
		this.write(Action.freeRequested, held.address, held.size, held.stream);
		this.allocator.freeRequested(held.number);
		this.pending.push(held);
		if (this.random() >= (this.workload.delayed ?? 0)) this.complete(held);
	}
	complete(held) {
		this.pending.splice(this.pending.indexOf(held), 1);
		this.write(Action.freeCompleted, held.address, held.size, held.stream);
		this.allocator.freeCompleted(held.number);
	}
	completeSome() {
		for (const held of [...this.pending]) if (this.random() < .5) this.complete(held);
	}
	emptyCache() {
		this.device.buffer = [];
		this.device.stack = STACK_OF_EMPTY_CACHE;
		this.allocator.emptyCache();
		this.device.stack = STACK_OF_PROGRAM;
		this.flush();
	}
	/** Writes down what the device did, and before the first release what waiting for streams freed. */
	flush() {
		const { buffer } = this.device;
		const completions = this.pending.filter(({ number }) => this.allocator.addressOf(number) < 0).map((held) => {
			this.pending.splice(this.pending.indexOf(held), 1);
			const { address, size, stream } = held;
			return {
				action: Action.freeCompleted,
				address,
				size,
				stream,
				stack: STACK_OF_PROGRAM
			};
		});
		const isRelease = ({ action }) => action === Action.segmentFree || action === Action.segmentUnmap;
		const at = buffer.findIndex(isRelease);
		const from = at < 0 ? buffer.length : at;
		this.events.push(...buffer.slice(0, from), ...completions, ...buffer.slice(from));
	}
	write(action, address, size, stream) {
		this.events.push({
			action,
			address,
			size,
			stream,
			stack: STACK_OF_PROGRAM
		});
	}
	snapshot() {
		const { keep, withStacks, conf } = this.workload;
		const events = keep === void 0 ? this.events : this.events.slice(-keep);
		const blocks = this.allocator.blocks();
		const requests = new Map([...this.live.values()].map((held) => [held.address, held.size]));
		for (const held of this.pending) requests.set(held.address, held.size);
		const segments = segmentsOf$1(blocks, this.device.segments);
		const count = events.length;
		return {
			shape: {
				container: "pickle",
				protocol: 4,
				form: "dict",
				isLegacy: false,
				version: "2.6",
				bytes: 0,
				isSynthetic: true
			},
			strings: [
				"",
				"train",
				"step.py",
				"empty_cache",
				"memory.py"
			],
			frames: {
				count: 2,
				name: Uint32Array.of(1, 3),
				file: Uint32Array.of(2, 4),
				line: Int32Array.of(7, 150)
			},
			stacks: {
				count: 2,
				offsets: Uint32Array.of(0, 1, 3),
				frames: Uint32Array.of(0, 1, 0)
			},
			streams: Array.from({ length: this.streams() }, (_, i) => String(i * 4096)),
			pools: [[0, 0]],
			devices: [{
				index: 0,
				segments: [0, segments.length],
				events: {
					count,
					action: Uint8Array.from(events, ({ action }) => action),
					address: Float64Array.from(events, ({ address }) => address),
					size: Float64Array.from(events, ({ size }) => size),
					stream: Uint16Array.from(events, ({ stream }) => stream),
					stack: withStacks ? Uint32Array.from(events, ({ stack }) => stack) : new Uint32Array(count).fill(NONE)
				}
			}],
			segments: {
				count: segments.length,
				device: new Uint16Array(segments.length),
				address: Float64Array.from(segments, ({ address }) => address),
				total: Float64Array.from(segments, ({ size }) => size),
				allocated: new Float64Array(segments.length).fill(NaN),
				active: new Float64Array(segments.length).fill(NaN),
				requested: new Float64Array(segments.length).fill(NaN),
				stream: Uint16Array.from(segments, ({ stream }) => stream),
				isLarge: Uint8Array.from(segments, ({ isLarge }) => isLarge ? 1 : 0),
				isExpandable: Uint8Array.from(segments, ({ isExpandable }) => isExpandable ? 1 : 0),
				pool: new Uint16Array(segments.length),
				stack: new Uint32Array(segments.length).fill(NONE),
				firstBlock: Uint32Array.from([...segments.map(({ firstBlock }) => firstBlock), blocks.length])
			},
			blocks: {
				count: blocks.length,
				address: Float64Array.from(blocks, ({ address }) => address),
				size: Float64Array.from(blocks, ({ size }) => size),
				requested: Float64Array.from(blocks, ({ address }) => requests.get(address) ?? 0),
				state: Uint8Array.from(blocks, ({ state }) => ({
					free: 0,
					allocated: 1,
					pending: 2
				})[state]),
				stack: new Uint32Array(blocks.length).fill(NONE)
			},
			annotations: {
				count: 0,
				name: /* @__PURE__ */ new Uint32Array(0),
				isStart: /* @__PURE__ */ new Uint8Array(0),
				device: /* @__PURE__ */ new Int32Array(0),
				time: /* @__PURE__ */ new Float64Array(0)
			},
			settings: {
				...conf !== void 0 && { conf },
				maxSplitSize: this.settings.maxSplitSize,
				garbageCollectionThreshold: this.settings.garbageCollectionThreshold,
				expandableSegments: this.settings.expandableSegments,
				roundupPower2Divisions: this.settings.roundupPower2Divisions
			},
			problems: [],
			notes: []
		};
	}
};
function syntheticSnapshot(workload) {
	const run = new SyntheticRun(workload);
	run.run();
	return run.snapshot();
}
/** Segments of cudaMalloc as they are known, and mapped ranges as far as they reach. */
function segmentsOf$1(blocks, known) {
	const segments = [];
	for (const [i, block] of blocks.entries()) {
		const last = segments.at(-1);
		const end = last === void 0 ? -1 : last.address + last.size;
		const size = known.get(block.address);
		if (last !== void 0 && !last.isExpandable && block.address < end) continue;
		if (size === void 0 && last?.isExpandable && block.address === end) {
			last.size += block.size;
			continue;
		}
		segments.push({
			address: block.address,
			size: size ?? block.size,
			stream: block.stream,
			isLarge: block.isLarge,
			isExpandable: size === void 0,
			firstBlock: i
		});
	}
	return segments;
}
export { prepareReplay, readSnapshot, runModelled, runRecorded, segmentsOf, syntheticSnapshot, whatIfOf };
