package cql

import "strings"

// QuoteIdentifier returns name as it must be written in a statement: bare when
// it can be, else in double quotes. Columns, tables, keyspaces, indexes and
// fields are written like this.
func QuoteIdentifier(name string) string {
	if isBareWord(name) {
		// JSON and DISTINCT are ambiguous in a select clause; "expr(" is a token.
		if k := lookupWord(name); k == tokIdent && name != "expr" || k.is(classIdent) && k != kJSON && k != kDistinct {
			return name
		}
	}
	return quoteName(name)
}

// quoteTypeName is QuoteIdentifier for the name of a user type.
func quoteTypeName(name string) string {
	if k := lookupWord(name); isBareWord(name) && !isReservedTypeName(name) && (k == tokIdent || k.is(classBasic) || k == kKey) {
		return name
	}
	return quoteName(name)
}

// quoteFunctionName is QuoteIdentifier for the name of a function.
func quoteFunctionName(name string) string {
	k := lookupWord(name)
	if isBareWord(name) && name != "expr" && (k == tokIdent || k.is(classFunction) || k == kToken || k == kCount) {
		return name
	}
	return quoteName(name)
}

// isBareWord reports whether name has the form of an unquoted identifier and
// folds to itself.
func isBareWord(name string) bool {
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		return false
	}
	for i := 1; i < len(name); i++ {
		if c := name[i]; !isClass(c, charWord) || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// QuoteString returns s as a string literal.
func QuoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
