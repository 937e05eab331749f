package shred

import "github.com/astrolabe-db/astrolabe/internal/gateway/document/path"

// Writes are blind: who writes an array where an object is need not delete the
// object, and other servers don't. Both are there then, and the newer counts.

// shape is what a place in a document can be.
type shape uint8

const (
	scalar shape = iota
	array
	object
	shapes
)

// shapeOf says what a leaf makes of the place that has depth segments.
func shapeOf(l *Leaf, depth int) shape {
	if len(l.Path) == depth {
		return scalar
	}
	if _, ok := path.Index(l.Path[depth]); ok {
		return array
	}
	return object
}

// Resolve drops the leaves that newer ones contradict. leaves are in the order
// of storage; the result is, too, and uses their memory.
//
// At each place the shape that was written last counts, and of it what is not
// older than the newest leaf of another shape: that one had replaced it.
func Resolve(leaves []Leaf) []Leaf { return resolve(leaves, 0) }

func resolve(leaves []Leaf, depth int) []Leaf {
	if len(leaves) == 0 || len(leaves) == 1 {
		return leaves
	}
	if contradictory(leaves, depth) {
		leaves = decide(leaves, depth)
	}
	kept := 0
	for start := 0; start < len(leaves); {
		end := start + 1
		if len(leaves[start].Path) > depth {
			for end < len(leaves) && len(leaves[end].Path) > depth && string(leaves[end].Path[depth]) == string(leaves[start].Path[depth]) {
				end++
			}
			group := resolve(leaves[start:end], depth+1)
			kept += copy(leaves[kept:], group)
		} else {
			leaves[kept] = leaves[start]
			kept++
		}
		start = end
	}
	return leaves[:kept]
}

func contradictory(leaves []Leaf, depth int) bool {
	first := shapeOf(&leaves[0], depth)
	for i := 1; i < len(leaves); i++ {
		if shapeOf(&leaves[i], depth) != first {
			return true
		}
	}
	return false
}

// decide keeps the leaves of one shape. Equal times, which no server here makes,
// are decided in favour of the richer shape.
func decide(leaves []Leaf, depth int) []Leaf {
	var newest [shapes]int64
	var there [shapes]bool
	for i := range leaves {
		s := shapeOf(&leaves[i], depth)
		if !there[s] || leaves[i].Time > newest[s] {
			newest[s], there[s] = leaves[i].Time, true
		}
	}
	wins := scalar
	for s := array; s < shapes; s++ {
		if there[s] && (!there[wins] || newest[s] >= newest[wins]) {
			wins = s
		}
	}
	replaced := int64(-1 << 63)
	for s := range shapes {
		if s != wins && there[s] {
			replaced = max(replaced, newest[s])
		}
	}
	kept := leaves[:0]
	for i := range leaves {
		if shapeOf(&leaves[i], depth) == wins && leaves[i].Time >= replaced {
			kept = append(kept, leaves[i])
		}
	}
	return kept
}
