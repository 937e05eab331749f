package cqltype

// AppendVectorElement appends one element (not null) of a value of t, a
// vector: elements of fixed size stand side by side, others have their length
// before them (VectorType.VariableLengthSerializer).
func (t *Type) AppendVectorElement(dst, elem []byte) []byte {
	if t.Elems[0].FixedLen() < 0 {
		dst = appendUvint(dst, uint64(len(elem)))
	}
	return append(dst, elem...)
}
