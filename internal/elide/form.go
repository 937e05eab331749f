package elide

// Form is what of a bound value has to be small.
type Form uint8

const (
	// AnySize: no part of it, as far as the size of values goes.
	AnySize Form = iota
	// OneValue: it is one value.
	OneValue
	// Elements: each element of the collection is a value, and each key of a map.
	Elements
	// Fields: each field of the user type's value is one.
	Fields
	// Row: each member of the row, in JSON, is one.
	Row
)
