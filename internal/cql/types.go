package cql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// typeFollow is what Cassandra expects behind a type, over all statements.
var typeFollow = setOf(kFinalFunc, kInitCond, kLanguage, kMasked, kPrimary, kStatic,
	tokRParen, tokComma, tokSemicolon, tokGt, tokEOF)

// comparatorType is rule comparatorType: a type.
func (p *parser) comparatorType() (t TypeName) {
	p.enter()
	defer p.leave()
	switch {
	case p.tok.is(classNative):
		if next := p.peek(2); next == tokDot {
			return p.userType()
		} else if !typeFollow.has(next) {
			p.noViable(2)
			return t
		}
		p.peek(3)
		return p.nativeType()
	case p.tok == kSet:
		return p.parametrizedType()
	case p.tok == kFrozen || p.tok == kList || p.tok == kMap || p.tok == kTuple || p.tok == kVector:
		switch next := p.peek(2); {
		case next == tokLt:
			p.peek(3)
			return p.parametrizedType()
		case next != tokDot && !typeFollow.has(next):
			p.noViable(2)
			return t
		}
		p.peek(3)
		return p.userType()
	case p.tok == tokString:
		return p.customType()
	case p.tok.is(classIdent):
		return p.userType()
	}
	p.noViable(1)
	return t
}

// customType is a type given as the name of its Java class.
func (p *parser) customType() TypeName {
	t := TypeName{Class: unquote(p.text())}
	class := strings.TrimLeft(t.Class, " \t\r\n")
	if end := strings.IndexFunc(class, notInClassName); end >= 0 {
		class = class[:end]
	}
	if class != "" && !strings.Contains(class, ".") {
		class = marshalPackage + class
	}
	if class != "" && !marshalClasses[strings.TrimPrefix(class, marshalPackage)] {
		p.refuse("Error setting type %s: Unable to find abstract-type class '%s'", t.Class, class)
	}
	if class == "" {
		t.Class = "BytesType" // as TypeParser has it
	}
	p.advance()
	return t
}

// marshalPackage is where Cassandra looks for the classes of types.
const marshalPackage = "org.apache.cassandra.db.marshal."

// marshalClasses are the classes of types that there are.
var marshalClasses = func() map[string]bool {
	classes := map[string]bool{}
	for _, name := range strings.Fields(`AsciiType BooleanType ByteType BytesType CompositeType CounterColumnType
		DateType DecimalType DoubleType DurationType DynamicCompositeType EmptyType FloatType FrozenType
		InetAddressType Int32Type IntegerType LegacyTimeUUIDType LexicalUUIDType ListType LongType MapType PartitionerDefinedOrder
		ReversedType SetType ShortType SimpleDateType TimeType TimestampType TimeUUIDType TupleType UserType
		UTF8Type UUIDType VectorType`) {
		classes[name] = true
	}
	return classes
}()

// notInClassName reports whether r ends a class name (TypeParser.isIdentifierChar).
func notInClassName(r rune) bool {
	return (r >= utf8.RuneSelf || !isClass(byte(r), charWord)) && !strings.ContainsRune("-+.&", r)
}

// types is (comparatorType (',' comparatorType)*)? within parentheses.
func (p *parser) types() (types []TypeName) {
	p.expect(tokLParen)
	if p.tok.is(classIdent) || p.tok == kSet || p.tok == tokString {
		types = append(types, p.comparatorType())
		for p.accept(tokComma) {
			types = append(types, p.comparatorType())
		}
	}
	p.expect(tokRParen)
	return types
}

// nativeType is rule native_type.
func (p *parser) nativeType() TypeName {
	if !p.tok.is(classNative) {
		p.noViable(1)
		return TypeName{}
	}
	t := TypeName{Name: p.name()}
	p.advance()
	return t
}

func (p *parser) userType() TypeName {
	name, quoted := p.userTypeNameQuoted()
	return TypeName{Keyspace: name.Keyspace, Name: name.Name, Quoted: quoted}
}

// parametrizedType is collection_type, tuple_type, vector_type or frozen<>.
func (p *parser) parametrizedType() (t TypeName) {
	k := p.tok
	t.Name = p.name()
	p.advance()
	p.expect(tokLt)
	if k == kTuple && p.tok == tokGt {
		p.refuse(failedParsing+`NullPointerException Cannot invoke "org.apache.cassandra.cql3.CQL3Type$Raw.supportsFreezing()" `+
			`because "t" is null`, p.lex.text)
	}
	t.Args = append(t.Args, p.comparatorType())
	switch k {
	case kMap:
		p.expect(tokComma)
		t.Args = append(t.Args, p.comparatorType())
	case kTuple:
		for p.accept(tokComma) {
			t.Args = append(t.Args, p.comparatorType())
		}
	case kVector:
		p.expect(tokComma)
		t.Dimension = p.dimension()
	}
	p.expect(tokGt)
	if k == kFrozen && !t.Args[0].freezable() {
		p.refuse("frozen<> is only allowed on collections, tuples, and user-defined types (got %s)", t.Args[0])
	}
	return t
}

// dimension is the INTEGER of a vector type.
func (p *parser) dimension() int {
	if p.tok != tokInteger {
		p.mismatched(tokInteger)
		return 0
	}
	n, err := strconv.ParseInt(p.text(), 10, 32)
	if err != nil {
		p.refuse(failedParsing+"NumberFormatException For input string: \"%s\"", p.lex.text, p.text())
	}
	p.advance()
	return int(n)
}

// freezable reports whether frozen<t> is allowed.
func (t TypeName) freezable() bool {
	return t.Class == "" && (t.Quoted || t.Keyspace != "" || !lookupWord(t.Name).is(classNative))
}
