// Package value turns the values of GraphQL into the wire bytes of CQL cells and
// back, by the rules of Stargate's GraphQL API: which scalar each CQL type is,
// what it looks like, and what is wrong with one that is not of it.
//
//	exec.Input --Codec.Append--> cell
//	cell --Codec.Write, by the fields selected--> JSON
package value

import (
	"encoding/binary"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
)

// Codec reads and writes values of one CQL type. It is immutable.
type Codec struct {
	Type *cqltype.Type
	// Scalar is the GraphQL scalar type of a CQL scalar, "" otherwise.
	Scalar string
	// Object is the GraphQL object type of a map's entries, a tuple or a UDT.
	Object string
	// Elems are those of the type's elements: of a list, set or vector one, of a
	// map key and value, of a tuple or UDT the fields.
	Elems []*Codec
	// Fields are the GraphQL names of a tuple's or UDT's fields.
	Fields []string
	// Names are the values of an enum that is stored as text; nil for none.
	Names []string
}

// Scalar returns the codec of a CQL scalar, or nil.
func Scalar(t *cqltype.Type) *Codec {
	if name := scalarNames[t.Kind]; name != "" {
		return &Codec{Type: t, Scalar: name}
	}
	return nil
}

// Append appends the cell of a value that has passed the checks of its scalars;
// nil is null.
func (c *Codec) Append(dst []byte, in exec.Input) ([]byte, error) {
	switch c.Type.Kind {
	case cqltype.List, cqltype.Set:
		return c.appendList(dst, in)
	case cqltype.Vector:
		return c.appendVector(dst, in)
	case cqltype.Map:
		return c.appendMap(dst, in)
	case cqltype.Tuple, cqltype.UDT:
		return c.appendFields(dst, in)
	}
	return appendScalar(dst, c.Type.Kind, in)
}

// Cell returns the cell of a value, in the memory of the run; nil is null.
func (c *Codec) Cell(r *exec.Run, in exec.Input) ([]byte, error) {
	if !in.Given() {
		return nil, nil
	}
	start := len(r.Buf)
	buf, err := c.Append(r.Buf, in)
	if err != nil {
		return nil, err
	}
	r.Buf = buf
	if len(buf) == start {
		return []byte{}, nil
	}
	return buf[start:len(buf):len(buf)], nil
}

// element appends a value with its length before it.
func (c *Codec) element(dst []byte, in exec.Input) ([]byte, error) {
	if !in.Given() {
		return cqltype.AppendElement(dst, nil), nil
	}
	at := len(dst)
	dst, err := c.Append(append(dst, 0, 0, 0, 0), in)
	if err == nil {
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst, err
}

func (c *Codec) appendList(dst []byte, in exec.Input) ([]byte, error) {
	at, n := len(dst), 0
	dst = append(dst, 0, 0, 0, 0)
	err := in.Elements(func(_ int, e exec.Input) (err error) {
		n++
		dst, err = c.Elems[0].element(dst, e)
		return err
	})
	binary.BigEndian.PutUint32(dst[at:], uint32(n))
	return dst, err
}

func (c *Codec) appendVector(dst []byte, in exec.Input) ([]byte, error) {
	n := 0
	err := in.Elements(func(_ int, e exec.Input) error {
		n++
		if !e.Given() {
			return fmt.Errorf("a vector can't have a null element")
		}
		element, err := c.Elems[0].Append(nil, e)
		dst = c.Type.AppendVectorElement(dst, element)
		return err
	})
	if err == nil && n != c.Type.Dimension {
		err = fmt.Errorf("a vector of %d elements is expected, got %d", c.Type.Dimension, n)
	}
	return dst, err
}

// appendMap reads a list of {key, value}.
func (c *Codec) appendMap(dst []byte, in exec.Input) ([]byte, error) {
	at, n := len(dst), 0
	dst = append(dst, 0, 0, 0, 0)
	err := in.Elements(func(_ int, e exec.Input) (err error) {
		n++
		if dst, err = c.Elems[0].element(dst, e.Member("key")); err != nil {
			return err
		}
		dst, err = c.Elems[1].element(dst, e.Member("value"))
		return err
	})
	binary.BigEndian.PutUint32(dst[at:], uint32(n))
	return dst, err
}

func (c *Codec) appendFields(dst []byte, in exec.Input) ([]byte, error) {
	var err error
	for i, e := range c.Elems {
		if dst, err = e.element(dst, in.Member(c.Fields[i])); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Write appends a cell as JSON; f says which fields of objects are wanted.
func (c *Codec) Write(r *exec.Run, f *exec.Field, dst, cell []byte) ([]byte, error) {
	if cell == nil {
		return append(dst, "null"...), nil
	}
	switch c.Type.Kind {
	case cqltype.List, cqltype.Set, cqltype.Vector:
		return c.writeList(r, f, dst, cell)
	case cqltype.Map:
		return c.writeMap(r, f, dst, cell)
	case cqltype.Tuple, cqltype.UDT:
		return c.writeFields(r, f, dst, cell)
	}
	return writeScalar(dst, c.Type, cell), nil
}

func (c *Codec) writeList(r *exec.Run, f *exec.Field, dst, cell []byte) ([]byte, error) {
	var err error
	dst = append(dst, '[')
	first := true
	for it := c.Type.Iter(cell); it.Next() && err == nil; first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst, err = c.Elems[0].Write(r, f, dst, it.Elem())
	}
	return append(dst, ']'), err
}

func (c *Codec) writeMap(r *exec.Run, f *exec.Field, dst, cell []byte) ([]byte, error) {
	dst = append(dst, '[')
	first := true
	for it := c.Type.Iter(cell); it.Next(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		var parts [2][]byte
		parts[0] = it.Elem()
		if it.Next() {
			parts[1] = it.Elem()
		}
		var err error
		dst, err = r.Object(dst, f.Fields, c.Object, func(dst []byte, f *exec.Field) ([]byte, error) {
			i := 0
			if f.Name == "value" {
				i = 1
			}
			return c.Elems[i].Write(r, f, dst, parts[i])
		})
		if err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (c *Codec) writeFields(r *exec.Run, f *exec.Field, dst, cell []byte) ([]byte, error) {
	parts := make([][]byte, len(c.Elems))
	it := c.Type.Iter(cell)
	for i := 0; i < len(parts) && it.Next(); i++ {
		parts[i] = it.Elem()
	}
	return r.Object(dst, f.Fields, c.Object, func(dst []byte, f *exec.Field) ([]byte, error) {
		for i, name := range c.Fields {
			if name == f.Name {
				return c.Elems[i].Write(r, f, dst, parts[i])
			}
		}
		return append(dst, "null"...), nil
	})
}
