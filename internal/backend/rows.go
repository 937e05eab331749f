package backend

import "encoding/binary"

// AppendCell appends one cell in Result.Data form; nil is null.
func AppendCell(dst, cell []byte) []byte {
	if cell == nil {
		return append(dst, 0xff, 0xff, 0xff, 0xff)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(cell)))
	return append(dst, cell...)
}

// Cursor walks the cells of a Result in order.
type Cursor struct{ rest []byte }

// Cursor returns a cursor before the first cell of the first row.
func (r *Result) Cursor() Cursor { return Cursor{rest: r.Data} }

// Next returns the next cell, nil for null. The bytes belong to the Result.
// Calling it more than RowCount * len(Columns) times panics.
func (c *Cursor) Next() []byte {
	n := int32(binary.BigEndian.Uint32(c.rest))
	if n < 0 {
		c.rest = c.rest[4:]
		return nil
	}
	cell := c.rest[4 : 4+n : 4+n]
	c.rest = c.rest[4+n:]
	return cell
}
