package cql

// Parsed is a statement with the bind markers of its text.
type Parsed struct {
	Statement Statement
	// Markers holds the name of each bind marker in order, "" for ?.
	Markers []string
}

// Parse parses one statement (an optional ; at its end). Errors are
// *cqlerr.Error with code Syntax and Cassandra's text ("line 1:0 no viable
// alternative at input 'SELsECT' ([SELsECT]...)").
func Parse(text string) (*Parsed, error) {
	panic("not built yet")
}
