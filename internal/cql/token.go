package cql

// kind is the type of a token. The names follow Cassandra's grammar
// (Lexer.g, Parser.g), because its error messages show them.
type kind uint8

// The kinds of token that are not keywords.
const (
	// tokFailed stands for the current token once an error was found: it
	// matches nothing, so every rule runs out at once.
	tokFailed kind = iota
	tokEOF
	tokIdent
	tokQuotedName
	tokEmptyQuotedName
	tokString
	tokInteger
	tokFloat
	tokBoolean
	tokDuration
	tokUUID
	tokHex
	tokNaN
	tokNegativeNaN
	tokInfinity
	tokNegativeInfinity
	tokQMark
	tokRange
	tokNeq
	tokPercent
	tokLParen
	tokRParen
	tokPlus
	tokPlusAssign
	tokComma
	tokMinus
	tokMinusAssign
	tokDot
	tokSlash
	tokColon
	tokSemicolon
	tokLt
	tokLte
	tokEq
	tokGt
	tokGte
	tokLBracket
	tokStar
	tokRBracket
	tokExprOpen // 'expr(' is one token in Cassandra's grammar
	tokLBrace
	tokRBrace
	firstKeyword
)

// symbolNames are the names of the kinds below firstKeyword as error messages
// show them after "expecting".
var symbolNames = [firstKeyword]string{
	tokFailed: "<invalid>", tokEOF: "EOF", tokIdent: "IDENT", tokQuotedName: "QUOTED_NAME",
	tokEmptyQuotedName: "EMPTY_QUOTED_NAME", tokString: "STRING_LITERAL", tokInteger: "INTEGER",
	tokFloat: "FLOAT", tokBoolean: "BOOLEAN", tokDuration: "DURATION", tokUUID: "UUID", tokHex: "HEXNUMBER",
	tokNaN: "K_POSITIVE_NAN", tokNegativeNaN: "K_NEGATIVE_NAN",
	tokInfinity: "K_POSITIVE_INFINITY", tokNegativeInfinity: "K_NEGATIVE_INFINITY",
	tokQMark: "QMARK", tokRange: "RANGE", tokNeq: "'!='", tokPercent: "'%'", tokLParen: "'('", tokRParen: "')'",
	tokPlus: "'+'", tokPlusAssign: "'+='", tokComma: "','", tokMinus: "'-'", tokMinusAssign: "'-='",
	tokDot: "'.'", tokSlash: "'/'", tokColon: "':'", tokSemicolon: "';'", tokLt: "'<'", tokLte: "'<='",
	tokEq: "'='", tokGt: "'>'", tokGte: "'>='", tokLBracket: "'['", tokStar: "'*'", tokRBracket: "']'",
	tokExprOpen: "'expr('", tokLBrace: "'{'", tokRBrace: "'}'",
}

// String returns the name of k as Cassandra's error messages show it.
func (k kind) String() string {
	if k < firstKeyword {
		return symbolNames[k]
	}
	return "K_" + keywordNames[k-firstKeyword]
}

// token is one token of a statement: its kind and where it stands in the text.
type token struct {
	kind       kind
	start, end uint32
}

// class is a set of the roles a kind of token can play.
type class uint8

// The roles. Keywords that may be names come in three groups, as in Parser.g:
// basic_unreserved_keyword, native_type, and those only columns may be called.
const (
	classBasic     class = 1 << iota // basic_unreserved_keyword
	classNative                      // native_type
	classColumn                      // rest of unreserved_keyword: TTL, COUNT, KEY, ...
	classConstant                    // constant
	className                        // IDENT, QUOTED_NAME
	classTermStart                   // other tokens a term or selector starts with
)

// The unions of roles that the grammar speaks of.
const (
	// classIdent is rule ident: a name or any unreserved keyword.
	classIdent = className | classBasic | classNative | classColumn
	// classFunction is allowedFunctionName without TOKEN and COUNT.
	classFunction = className | classBasic | classNative
	// classTerm is every token a term starts with.
	classTerm = classIdent | classConstant | classTermStart
)

// classes holds the roles of each kind.
var classes [256]class

func init() {
	classes[tokIdent], classes[tokQuotedName] = className, className
	for _, k := range []kind{tokString, tokInteger, tokFloat, tokBoolean, tokDuration, tokUUID, tokHex,
		tokNaN, tokNegativeNaN, tokInfinity, tokNegativeInfinity} {
		classes[k] = classConstant
	}
	for _, k := range []kind{kNull, kToken, tokQMark, tokLParen, tokMinus, tokColon, tokLBracket, tokLBrace} {
		classes[k] = classTermStart
	}
	for k := kBasicFirst; k <= kBasicLast; k++ {
		classes[k] = classBasic
	}
	for k := kNativeFirst; k <= kNativeLast; k++ {
		classes[k] = classNative
	}
	for k := kColumnFirst; k <= kColumnLast; k++ {
		classes[k] = classColumn
	}
}

// is reports whether k plays one of the roles of c.
func (k kind) is(c class) bool { return classes[k]&c != 0 }

// kindSet is a set of kinds.
type kindSet [4]uint64

func setOf(kinds ...kind) (s kindSet) {
	for _, k := range kinds {
		s[k/64] |= 1 << (k % 64)
	}
	return s
}

func (s *kindSet) has(k kind) bool { return s[k/64]&(1<<(k%64)) != 0 }
