package shred

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
)

// MaxLeaves bounds the leaves of one write: a batch of the native protocol has
// room for 65,535 statements.
const MaxLeaves = 60_000

var errLeaves = fmt.Errorf("A document can't be written with more than %d values at once.", MaxLeaves)

// The refusals of a document as a whole that can't be one.
var (
	ErrEmptyRoot     = errors.New("Updating a key with just an empty object or an empty array is not allowed. Hint: update the parent path with a defined object instead.")
	ErrPrimitiveRoot = errors.New("Updating a key with just a JSON primitive is not allowed. Hint: update the parent path with a defined object instead.")
)

// manyMembers is from when on names are looked up in a map.
const manyMembers = 32

// Shredder takes JSON apart. The zero value is ready; Reset makes it so again.
// What it returns shares its memory and that of the JSON text.
type Shredder struct {
	// Leaves are those of all values shredded since Reset.
	Leaves []Leaf

	segments [][]byte // of the leaves' paths
	stack    [][]byte // path of the value being shredded
	members  []member // of the objects that are being shredded
	indexes  [][]byte // stored forms of indexes made so far
}

type member struct {
	name  []byte
	value cell.Value
}

// Reset forgets the leaves.
func (s *Shredder) Reset() {
	clear(s.Leaves)
	clear(s.segments)
	clear(s.members[:cap(s.members)])
	clear(s.stack[:cap(s.stack)])
	s.Leaves, s.segments, s.stack, s.members = s.Leaves[:0], s.segments[:0], s.stack[:0], s.members[:0]
}

// CheckRoot refuses values that can't be a whole document.
func CheckRoot(v cell.Value) error {
	switch v.Kind() {
	case cell.Object:
		if m := v.Members(); !m.Next() {
			return ErrEmptyRoot
		}
	case cell.Array:
		if e := v.Elements(); !e.Next() {
			return ErrEmptyRoot
		}
	default:
		return ErrPrimitiveRoot
	}
	return nil
}

// Shred adds the leaves of v, which stands at a path. Of members with the same
// name the last counts. Errors are refusals of the document, in the words of the
// API.
func (s *Shredder) Shred(at []string, v cell.Value) error {
	s.stack = s.stack[:0]
	for _, segment := range at {
		s.stack = append(s.stack, []byte(segment))
	}
	if len(at) == 0 {
		if err := CheckRoot(v); err != nil {
			return err
		}
	}
	return s.value(v)
}

func (s *Shredder) value(v cell.Value) error {
	switch v.Kind() {
	case cell.Object:
		return s.object(v)
	case cell.Array:
		return s.array(v)
	case cell.String:
		text := v.Text(nil)
		l := Leaf{Kind: Text, Text: text}
		if string(text) == EmptyObjectText || string(text) == EmptyArrayText {
			l.Exact = cell.AppendString(nil, text)
		}
		return s.leaf(l)
	case cell.Number:
		f, _ := strconv.ParseFloat(string(v), 64) // out of range: the infinity that it returns
		l := Leaf{Kind: Number, Number: f + 0}    // no -0: an index would not find it as 0
		if !IsExact(v, f) {
			l.Exact = v
		}
		return s.leaf(l)
	case cell.Bool:
		return s.leaf(Leaf{Kind: Bool, Bool: v.IsTrue()})
	}
	return s.leaf(Leaf{})
}

// leaf adds a leaf at the current path.
func (s *Shredder) leaf(l Leaf) error {
	switch {
	case len(s.stack) > path.MaxDepth:
		return path.ErrDepth
	case len(s.Leaves) == MaxLeaves:
		return errLeaves
	}
	start := len(s.segments)
	s.segments = append(s.segments, s.stack...)
	l.Path = s.segments[start:len(s.segments):len(s.segments)]
	s.Leaves = append(s.Leaves, l)
	return nil
}

func (s *Shredder) array(v cell.Value) error {
	e := v.Elements()
	if !e.Next() {
		return s.leaf(Leaf{Kind: EmptyArray})
	}
	if len(s.stack) >= path.MaxDepth {
		return path.ErrDepth
	}
	at := len(s.stack)
	for i := 0; ; i++ {
		if i == path.MaxArrayLength {
			return path.ErrArrayLength
		}
		s.stack = append(s.stack[:at], s.index(i))
		if err := s.value(e.Value); err != nil {
			return err
		}
		if !e.Next() {
			s.stack = s.stack[:at]
			return nil
		}
	}
}

// index returns the stored form of an index.
func (s *Shredder) index(i int) []byte {
	for len(s.indexes) <= i {
		s.indexes = append(s.indexes, path.AppendIndex(nil, len(s.indexes)))
	}
	return s.indexes[i]
}

func (s *Shredder) object(v cell.Value) error {
	first := len(s.members)
	if err := s.read(v); err != nil {
		return err
	}
	if len(s.members) == first {
		return s.leaf(Leaf{Kind: EmptyObject})
	}
	if len(s.stack) >= path.MaxDepth {
		return path.ErrDepth
	}
	at, end := len(s.stack), len(s.members)
	for i := first; i < end; i++ {
		s.stack = append(s.stack[:at], s.members[i].name)
		if err := s.value(s.members[i].value); err != nil {
			return err
		}
	}
	s.stack, s.members = s.stack[:at], s.members[:first]
	return nil
}

// read adds an object's members, each name once.
func (s *Shredder) read(v cell.Value) error {
	first := len(s.members)
	var known map[string]int
	for m := v.Members(); m.Next(); {
		name := m.Key(nil)
		if err := path.CheckName(name); err != nil {
			return err
		}
		if bytes.IndexByte(name, '\\') >= 0 {
			name = []byte(path.Unescape(string(name)))
		}
		if len(s.members)-first == manyMembers && known == nil {
			known = make(map[string]int, 2*manyMembers)
			for i, earlier := range s.members[first:] {
				known[string(earlier.name)] = first + i
			}
		}
		at, twice := s.find(first, known, name)
		if twice {
			s.members[at].value = m.Value
			continue
		}
		if known != nil {
			known[string(name)] = len(s.members)
		}
		s.members = append(s.members, member{name, m.Value})
	}
	return nil
}

func (s *Shredder) find(first int, known map[string]int, name []byte) (int, bool) {
	if known != nil {
		at, ok := known[string(name)]
		return at, ok
	}
	for i := first; i < len(s.members); i++ {
		if bytes.Equal(s.members[i].name, name) {
			return i, true
		}
	}
	return 0, false
}

// Sort puts leaves into the order of storage and returns them.
func Sort(leaves []Leaf) []Leaf {
	slices.SortFunc(leaves, func(a, b Leaf) int { return slices.CompareFunc(a.Path, b.Path, bytes.Compare) })
	return leaves
}
