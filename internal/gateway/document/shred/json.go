package shred

import (
	"errors"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
)

// maxGaps bounds the nulls that one answer fills arrays up with: an array with
// nothing but its last element is one row, and a million nulls.
const maxGaps = 2 * path.MaxArrayLength

// ErrGaps says that a document has too much of nothing to be written out.
var ErrGaps = errors.New("The document has arrays with too many missing elements to be returned as a whole.")

// Writer writes leaves as JSON.
type Writer struct {
	// AsObjects writes arrays as objects with members "[0]", "[1]"…
	AsObjects bool

	gaps int
}

// AppendJSON appends the value that leaves make. They have been resolved, are in
// the order of storage, and share their first depth segments.
func (w *Writer) AppendJSON(dst []byte, leaves []Leaf, depth int) ([]byte, error) {
	if len(leaves[0].Path) == depth {
		return leaves[0].appendValue(dst), nil
	}
	if _, isArray := path.Index(leaves[0].Path[depth]); isArray && !w.AsObjects {
		return w.appendArray(dst, leaves, depth)
	}
	dst = append(dst, '{')
	for start := 0; start < len(leaves); {
		end := groupEnd(leaves, start, depth)
		if start > 0 {
			dst = append(dst, ',')
		}
		name := leaves[start].Path[depth]
		if n, isIndex := path.Index(name); isIndex {
			dst = strconv.AppendInt(append(dst, `"[`...), int64(n), 10)
			dst = append(dst, `]":`...)
		} else {
			dst = append(cell.AppendString(dst, name), ':')
		}
		var err error
		if dst, err = w.AppendJSON(dst, leaves[start:end], depth+1); err != nil {
			return dst, err
		}
		start = end
	}
	return append(dst, '}'), nil
}

func (w *Writer) appendArray(dst []byte, leaves []Leaf, depth int) ([]byte, error) {
	dst = append(dst, '[')
	next := 0
	for start := 0; start < len(leaves); {
		end := groupEnd(leaves, start, depth)
		n, _ := path.Index(leaves[start].Path[depth])
		for ; next < n; next++ {
			if w.gaps++; w.gaps > maxGaps {
				return dst, ErrGaps
			}
			if next > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, "null"...)
		}
		if next > 0 {
			dst = append(dst, ',')
		}
		next = n + 1
		var err error
		if dst, err = w.AppendJSON(dst, leaves[start:end], depth+1); err != nil {
			return dst, err
		}
		start = end
	}
	return append(dst, ']'), nil
}

// groupEnd returns the end of the leaves that share segment number depth with
// the one at start.
func groupEnd(leaves []Leaf, start, depth int) int {
	end := start + 1
	for end < len(leaves) && string(leaves[end].Path[depth]) == string(leaves[start].Path[depth]) {
		end++
	}
	return end
}
