package cqltype

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// FromJSON returns the wire bytes of one JSON value as INSERT JSON and
// fromJson read it (AbstractType.fromJSONObject, on what Jackson parses); JSON
// null gives nil. Numbers may be strings; nested collections may be strings of
// JSON, as map keys have to be. Errors are *cqlerr.Error with Cassandra's
// texts, but for those of JSON syntax.
func (t *Type) FromJSON(text []byte) ([]byte, error) {
	v, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	if v.kind == 'n' {
		return nil, nil
	}
	return t.fromJSON(v)
}

func (t *Type) fromJSON(v jsonValue) ([]byte, error) {
	switch t.Kind {
	case List, Set, Vector, Tuple, Map, UDT:
		if v.kind == '"' {
			inner, err := parseJSON([]byte(v.text()))
			if err != nil {
				return nil, err
			}
			v = inner
		}
		return t.nestedFromJSON(v)
	case Tinyint, Smallint, Int, Bigint, Varint, Decimal, Float, Double:
		return t.numberFromJSON(v)
	case Boolean:
		if v.kind == 't' || v.kind == 'f' {
			return []byte{byte(boolInt(v.kind == 't'))}, nil
		}
	case Timestamp:
		if v.class() == "Long" {
			n, _ := strconv.ParseInt(string(v.raw), 10, 64)
			return bigEndian(n, 8), nil
		}
	case Blob:
		return blobFromJSON(v)
	case Counter, Custom, Empty:
		return nil, cqlerr.Invalidf("A value of type %s can't be given as JSON", t)
	}
	if v.kind != '"' {
		return nil, t.jsonMismatch(v)
	}
	return t.FromString(v.text())
}

// jsonMismatch is the error of a JSON value of the wrong kind.
func (t *Type) jsonMismatch(v jsonValue) error {
	want := map[Kind]string{
		Ascii: "an ascii string", Text: "a UTF-8 string", Boolean: "a boolean value",
		Tinyint: "a byte value", Smallint: "a short value", Int: "an int value", Bigint: "a bigint value",
		Float: "a float value", Double: "a double value", List: "a list", Vector: "a list",
		Set: "a list (representing a set)", Map: "a map", UDT: "a map", Tuple: "a list representation of a tuple",
		Uuid: "a string representation of a uuid", Timeuuid: "a string representation of a timeuuid",
		Inet: "a string representation of an inet value", Date: "a string representation of a date value",
		Time: "a string representation of a time value", Duration: "a string representation of a duration",
		Timestamp: "a long or a datestring representation of a timestamp value",
	}[t.Kind]
	return cqlerr.Invalidf("Expected %s, but got a %s: %s", want, v.class(), v.java())
}

func (t *Type) numberFromJSON(v jsonValue) ([]byte, error) {
	isText := v.kind == '"'
	switch t.Kind {
	case Varint:
		text := v.java()
		if b, err := ParseVarint(text); err == nil {
			return b, nil
		}
		return nil, cqlerr.Invalidf("Value '%s' is not a valid representation of a varint value", text)
	case Decimal:
		text := v.java()
		if b, err := t.FromString(text); err == nil {
			return b, nil
		}
		return nil, cqlerr.Invalidf("Value '%s' is not a valid representation of a decimal value", text)
	case Tinyint, Smallint:
		if isText || v.kind == '0' {
			return t.FromString(v.java())
		}
	case Int, Bigint:
		if isText {
			return t.FromString(v.text())
		}
		class := v.class()
		if class == "Integer" || class == "Long" && t.Kind == Bigint {
			n, _ := strconv.ParseInt(string(v.raw), 10, 64)
			return bigEndian(n, t.FixedLen()), nil
		}
	case Float, Double:
		switch {
		case isText:
			return t.FromString(v.text())
		case v.kind == '0' && t.Kind == Float:
			return v.appendFloat32(nil), nil
		case v.kind == '0':
			return AppendDouble(nil, v.float()), nil
		}
	}
	return nil, t.jsonMismatch(v)
}

func blobFromJSON(v jsonValue) ([]byte, error) {
	reason := ""
	if v.kind != '"' {
		class := map[string]string{"ArrayList": "java.util.ArrayList", "LinkedHashMap": "java.util.LinkedHashMap",
			"BigInteger": "java.math.BigInteger"}[v.class()]
		if class == "" {
			class = "java.lang." + v.class()
		}
		reason = "class " + class + " cannot be cast to class java.lang.String (" + class + " and java.lang.String are in module java.base of loader 'bootstrap')"
	} else if digits, ok := strings.CutPrefix(v.text(), "0x"); !ok {
		reason = "String representation of blob is missing 0x prefix: " + v.text()
	} else if b, err := parseHex(digits); err != nil {
		reason = err.Error()
	} else {
		return b, nil
	}
	return nil, cqlerr.Invalidf("Value '%s' is not a valid blob representation: %s", v.java(), reason)
}

func (t *Type) nestedFromJSON(v jsonValue) ([]byte, error) {
	want := byte('[')
	if t.Kind == Map || t.Kind == UDT {
		want = '{'
	}
	if v.kind != want {
		return nil, t.jsonMismatch(v)
	}
	switch t.Kind {
	case Map:
		return t.mapFromJSON(v)
	case UDT:
		return t.udtFromJSON(v)
	case Tuple:
		return t.tupleFromJSON(v)
	}
	list := v.elements()
	if t.Kind == Vector && len(list) != t.Dimension {
		return nil, cqlerr.Invalidf("List had incorrect size: expected %d but given %d; %s", t.Dimension, len(list), v.java())
	}
	elems := make([][]byte, 0, len(list))
	decode := t.Elems[0].fromJSON
	if t.Kind == Set {
		decode = t.Elems[0].sortedFromJSON
	}
	for _, e := range list {
		if e.kind == 'n' {
			name := "list"
			if t.Kind == Set {
				name = "set"
			}
			return nil, cqlerr.Invalidf("Invalid null element in %s", name)
		}
		b, err := decode(e)
		if err != nil {
			return nil, err
		}
		elems = append(elems, b)
	}
	return t.AppendCollection(nil, elems), nil
}

// sortedFromJSON reads an element of a set or a key of a map, which must be put in
// order: Cassandra fails on those whose text "" gives no bytes where its type has
// some.
func (t *Type) sortedFromJSON(v jsonValue) ([]byte, error) {
	b, err := t.fromJSON(v)
	if err != nil {
		return nil, err
	}
	return b, t.Validate(b)
}

func (t *Type) mapFromJSON(v jsonValue) ([]byte, error) {
	var elems [][]byte
	for _, m := range v.members() {
		if m.value.kind == 'n' {
			return nil, cqlerr.Invalidf("Invalid null value in map")
		}
		key, err := t.Elems[0].sortedFromJSON(jsonValue{'"', AppendJSONString(nil, m.name)})
		if err != nil {
			return nil, err
		}
		value, err := t.Elems[1].fromJSON(m.value)
		if err != nil {
			return nil, err
		}
		elems = append(elems, key, value)
	}
	return t.AppendCollection(nil, elems), nil
}

func (t *Type) tupleFromJSON(v jsonValue) ([]byte, error) {
	list := v.elements()
	switch {
	case len(list) > len(t.Elems):
		return nil, cqlerr.Invalidf("Tuple contains extra items (expected %d): %s", len(t.Elems), v.java())
	case len(list) < len(t.Elems):
		return nil, cqlerr.Invalidf("Tuple is missing items (expected %d): %s", len(t.Elems), v.java())
	}
	wire := []byte{}
	for i, e := range list {
		var field []byte
		if e.kind != 'n' {
			var err error
			if field, err = t.Elems[i].fromJSON(e); err != nil {
				return nil, err
			}
		}
		wire = AppendElement(wire, field)
	}
	return wire, nil
}

// udtFromJSON reads an object by field names, which are folded to lower case
// unless they come with double quotes inside (JsonUtils.handleCaseSensitivity).
func (t *Type) udtFromJSON(v jsonValue) ([]byte, error) {
	values := map[string]jsonValue{}
	for _, m := range v.members() {
		values[FoldJSONName(m.name)] = m.value
	}
	wire := []byte{}
	for i, name := range t.FieldNames {
		value, ok := values[name]
		delete(values, name)
		var field []byte
		if ok && value.kind != 'n' {
			var err error
			if field, err = t.Elems[i].fromJSON(value); err != nil {
				return nil, err
			}
		}
		wire = AppendElement(wire, field)
	}
	for _, m := range v.members() {
		if name := FoldJSONName(m.name); values[name].raw != nil {
			return nil, cqlerr.Invalidf("Unknown field '%s' in value of user defined type %s", name, t.Name)
		}
	}
	return wire, nil
}

// FoldJSONName returns the column or field that a name in JSON means: without
// its double quotes when it has them inside the JSON string, else in lower
// case.
func FoldJSONName(name string) string {
	if strings.HasPrefix(name, `"`) && strings.HasSuffix(name, `"`) && len(name) > 1 {
		return name[1 : len(name)-1]
	}
	return strings.ToLower(name)
}
