package cqltype

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// The classes of Cassandra that are no types of CQL but have parameters.
const (
	compositeClass        = "CompositeType"
	dynamicCompositeClass = "DynamicCompositeType"
	partitionerClass      = "PartitionerDefinedOrder"
	lexicalUUIDClass      = marshal + "LexicalUUIDType"
)

// component is one of the types that a composite class names. A dynamic
// composite has them by aliases.
type component struct {
	alias    byte
	typ      *Type
	reversed bool
}

func (c component) className() string {
	if c.reversed {
		return c.typ.ReversedClassName()
	}
	return c.typ.ClassName()
}

// custom reads the parameters of a class that is no type of CQL, and gives it
// the name that its toString has in Java: with the package, without blanks.
func (p *classParser) custom(name string, depth int) *Type {
	class := name
	if !strings.Contains(class, ".") {
		class = marshal + class
	}
	switch short := strings.TrimPrefix(class, marshal); {
	case short == compositeClass || short == dynamicCompositeClass:
		class += composedOf(p.components(short == dynamicCompositeClass, depth))
	default:
		start := p.pos
		p.skipArguments()
		arguments := strings.Join(strings.Fields(p.text[start:p.pos]), "")
		if short == partitionerClass && arguments == "" {
			arguments = "(org.apache.cassandra.dht.Murmur3Partitioner)"
		}
		class += arguments
	}
	return &Type{Kind: Custom, Class: class}
}

// components reads (type, ...), or (alias => type, ...) of a dynamic composite.
func (p *classParser) components(dynamic bool, depth int) (all []component) {
	p.expect('(')
	for p.err == nil && !p.next(')') {
		if len(all) > 0 {
			p.expect(',')
		}
		var c component
		if dynamic {
			c.alias = p.alias()
		}
		c.typ, c.reversed = p.parse(depth + 1)
		if p.err == nil {
			all = append(all, c)
		}
	}
	if p.err == nil && len(all) == 0 {
		p.fail("wrong number of type parameters")
	}
	if dynamic {
		sortAsHashMap(all)
	}
	return all
}

// alias reads "a =>".
func (p *classParser) alias() byte {
	name := p.word()
	if len(name) != 1 {
		p.fail("An alias should be a single character")
		return 0
	}
	p.expect('=')
	p.expect('>')
	return name[0]
}

// sortAsHashMap puts aliases into the order of a Java HashMap<Byte, …>, which
// is how Cassandra shows them.
func sortAsHashMap(all []component) {
	buckets := 16
	for len(all)*4 > buckets*3 {
		buckets *= 2
	}
	slices.SortStableFunc(all, func(a, b component) int {
		return int(a.alias)&(buckets-1) - int(b.alias)&(buckets-1)
	})
}

// composedOf is the text of components as parameters of their class.
func composedOf(all []component) string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = c.className()
		if c.alias != 0 {
			texts[i] = string(c.alias) + "=>" + texts[i]
		}
	}
	return "(" + strings.Join(texts, ",") + ")"
}

// customFromString reads a constant of a class that is no type of CQL: a
// composite in the form of AbstractCompositeType.fromString, a UUID, else
// hexadecimal.
func (t *Type) customFromString(text string) ([]byte, error) {
	if t.Class == lexicalUUIDClass {
		id, ok := ParseUUID(text)
		switch {
		case text == "":
			return []byte{}, nil
		case !ok:
			return nil, cqlerr.Invalidf("unable to make UUID from '%s'", text)
		}
		return id[:], nil
	}
	p := classParser{text: strings.TrimPrefix(t.Class, marshal)}
	short := p.word()
	if short != compositeClass && short != dynamicCompositeClass {
		return parseHex(text)
	}
	components := p.components(short == dynamicCompositeClass, 0)
	if p.err != nil {
		return nil, p.err
	}
	return compositeFromString(text, components)
}

// compositeFromString reads the components between colons. "!" and "_" at the
// end stand for what comes right after, or before, all values with that prefix.
func compositeFromString(text string, types []component) ([]byte, error) {
	b := []byte{}
	for i, part := range splitComposite(text) {
		if end := strings.Index("_!", part); len(part) == 1 && end >= 0 {
			if len(b) > 0 {
				b[len(b)-1] = byte(2*end - 1) // 0xff, 1
			}
			break
		}
		header, typ, value, err := componentOf(part, i, types)
		if err != nil {
			return nil, err
		}
		cell, err := typ.FromString(strings.TrimSuffix(strings.ReplaceAll(value, `\:`, `:`), "!"))
		if err != nil {
			return nil, err
		}
		if len(cell) > 0xffff {
			return nil, cqlerr.Invalidf("A component of %d bytes is longer than 65535", len(cell))
		}
		b = append(b, header...)
		b = binary.BigEndian.AppendUint16(b, uint16(len(cell)))
		b = append(append(b, cell...), 0)
	}
	return b, nil
}

// splitComposite splits at colons that no backslash escapes.
func splitComposite(text string) (parts []string) {
	if text == "" {
		return nil
	}
	from := 0
	for i := range len(text) {
		if text[i] == ':' && (i == 0 || text[i-1] != '\\') {
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// componentOf finds the type of component i: by its place, or in a dynamic
// composite by the alias or class in front of it, which the header repeats.
func componentOf(part string, i int, types []component) (header []byte, t *Type, value string, err error) {
	if types[0].alias == 0 {
		if i >= len(types) {
			return nil, nil, "", cqlerr.Invalidf("A composite of %d components, but the type has %d", i+1, len(types))
		}
		return nil, types[i].typ, part, nil
	}
	name, value, ok := strings.Cut(part, "@")
	if !ok {
		return nil, nil, "", cqlerr.Invalidf("Invalid component representation: %s", part)
	}
	for _, c := range types {
		if name == string(c.alias) {
			return binary.BigEndian.AppendUint16(nil, 0x8000|uint16(c.alias)), c.typ, value, nil
		}
	}
	t, _, err = ParseClassName(name)
	if err == nil && t.Kind == Custom && !strings.Contains(t.Class, "(") && t.Class != lexicalUUIDClass {
		err = cqlerr.Invalidf("Unable to find abstract-type class '%s'", t.Class)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(name))), name...), t, value, err
}
