package function

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// addMasks adds the masking functions
// (org.apache.cassandra.cql3.functions.masking).
func addMasks(r *functions) {
	r.addGeneric(&generic{name: "mask_null", params: []parameter{anyParameter(false)},
		make: func(name string, args []*cqltype.Type, _ *cqltype.Type) (*Function, error) {
			return constant(name, args, answered(args[0]), nil), nil
		}})
	r.addGeneric(&generic{name: "mask_default", params: []parameter{anyParameter(false)},
		make: func(name string, args []*cqltype.Type, _ *cqltype.Type) (*Function, error) {
			value, err := maskedValue(args[0])
			return constant(name, args, answered(args[0]), value), err
		}})
	replacement := anyParameter(true)
	replacement.sameAs, replacement.preferOther = 1, true
	r.addGeneric(&generic{name: "mask_replace", params: []parameter{anyParameter(true), replacement},
		make: func(name string, args []*cqltype.Type, _ *cqltype.Type) (*Function, error) {
			return &Function{Name: name, Return: answered(args[1]), Args: args, Pure: true,
				Call: func(_ *Env, args [][]byte) ([]byte, error) { return args[1], nil }}, nil
		}})
	r.addGeneric(&generic{name: "mask_hash", params: []parameter{anyParameter(false), fixedParameter(cqltype.TypeText).asOptional()},
		make: maskHash})
	texts := parameter{text: "[text|varchar|ascii]", fallback: cqltype.TypeText, want: "an argument of type [text|varchar|ascii]",
		accepts: func(t *cqltype.Type) bool { return cqltype.TypeText.AcceptsValuesOf(t) }}
	number := fixedParameter(cqltype.TypeInt)
	for name, inner := range map[string]bool{"mask_inner": true, "mask_outer": false} {
		r.addGeneric(&generic{name: name, params: []parameter{texts, number, number, fixedParameter(cqltype.TypeText).asOptional()},
			make: func(name string, args []*cqltype.Type, _ *cqltype.Type) (*Function, error) {
				return maskPartial(name, args, inner), nil
			}})
	}
}

// answered is the type of a result that Cassandra makes from the CQL type of
// an argument, not from the argument: the timeuuid among those is an old class
// (CQL3Type.Native.TIMEUUID).
func answered(t *cqltype.Type) *cqltype.Type {
	if t.Kind == cqltype.Timeuuid {
		return cqltype.TypeLegacyTimeuuid
	}
	return t
}

func constant(name string, args []*cqltype.Type, ret *cqltype.Type, value []byte) *Function {
	return &Function{Name: name, Return: ret, Args: args, Pure: true,
		Call: func(*Env, [][]byte) ([]byte, error) { return value, nil }}
}

// maskedValue is what mask_default shows instead of any value of type t, null
// included (AbstractType.getMaskedValue).
func maskedValue(t *cqltype.Type) ([]byte, error) {
	switch t.Kind {
	case cqltype.Ascii, cqltype.Text:
		return []byte("****"), nil
	case cqltype.Blob, cqltype.Empty:
		return []byte{}, nil
	case cqltype.Tinyint, cqltype.Smallint, cqltype.Int, cqltype.Bigint, cqltype.Counter, cqltype.Float, cqltype.Double,
		cqltype.Timestamp:
		return make([]byte, size(t)), nil
	case cqltype.Time:
		return make([]byte, 8), nil
	case cqltype.Boolean:
		return []byte{0}, nil
	case cqltype.Date:
		return appendInteger(cqltype.EpochDay, 4), nil
	case cqltype.Varint:
		return []byte{0}, nil
	case cqltype.Decimal:
		return cqltype.AppendDecimalInt64(nil, 0, 0), nil
	case cqltype.Duration:
		return cqltype.DurationValue{}.Append(nil), nil
	case cqltype.Uuid:
		return make([]byte, 16), nil
	case cqltype.Timeuuid:
		return minTimeuuid(0), nil
	case cqltype.Inet:
		return make([]byte, 4), nil
	case cqltype.List, cqltype.Set, cqltype.Map:
		return cqltype.AppendCount(nil, 0), nil
	case cqltype.Tuple, cqltype.UDT, cqltype.Vector:
		return maskedFields(t)
	}
	return nil, cqlerr.Invalidf("There isn't a defined masked value for type %s", t)
}

func maskedFields(t *cqltype.Type) ([]byte, error) {
	out := []byte{}
	for _, e := range t.Elems {
		field, err := maskedValue(e)
		if err != nil {
			return nil, err
		}
		if t.Kind != cqltype.Vector {
			out = cqltype.AppendElement(out, field)
			continue
		}
		for range t.Dimension {
			out = t.AppendVectorElement(out, field)
		}
	}
	return out, nil
}

// digest returns a hash function by its Java name, nil for unknown ones.
func digest(name string) hash.Hash {
	switch name {
	case "MD5":
		return md5.New()
	case "SHA", "SHA1", "SHA-1":
		return sha1.New()
	case "SHA-224":
		return sha256.New224()
	case "SHA-256":
		return sha256.New()
	case "SHA-384":
		return sha512.New384()
	case "SHA-512":
		return sha512.New()
	case "SHA-512/224":
		return sha512.New512_224()
	case "SHA-512/256":
		return sha512.New512_256()
	}
	return nil
}

func maskHash(name string, args []*cqltype.Type, _ *cqltype.Type) (*Function, error) {
	return &Function{Name: name, Return: cqltype.TypeBlob, Args: args, Pure: true,
		Call: func(_ *Env, args [][]byte) ([]byte, error) {
			algorithm := "SHA-256"
			if len(args) > 1 && args[1] != nil {
				algorithm = string(args[1])
			}
			h := digest(algorithm)
			switch {
			case h == nil:
				return nil, invalid("Hash algorithm not found: " + algorithm)
			case args[0] == nil:
				return nil, nil
			}
			h.Write(args[0])
			return h.Sum(nil), nil
		}}, nil
}

// maskPartial pads the inside or the outside of a text; positions count
// Java's chars, that is UTF-16 units.
func maskPartial(name string, argTypes []*cqltype.Type, inner bool) *Function {
	return &Function{Name: name, Return: argTypes[0], Args: argTypes, Pure: true,
		Call: func(_ *Env, args [][]byte) ([]byte, error) {
			padding := []uint16{'*'}
			if len(args) > 3 && args[3] != nil {
				if padding = utf16.Encode([]rune(string(args[3]))); len(padding) != 1 {
					return nil, cqlerr.Invalidf("The padding argument for function system.%s should be single-character, but '%s' has %d characters.",
						name, args[3], len(padding))
				}
			}
			if args[0] == nil {
				return nil, nil
			}
			chars := utf16.Encode([]rune(string(args[0])))
			begin := int(cqltype.Int64(args[1]))
			end := len(chars) - 1 - int(cqltype.Int64(args[2]))
			for i := range chars {
				if inside := i >= begin && i <= end; inside == inner {
					chars[i] = padding[0]
				}
			}
			return encodeChars(chars), nil
		}}
}

// encodeChars is chars in UTF-8; half a surrogate pair becomes a question
// mark, as Java's String.getBytes has it.
func encodeChars(chars []uint16) []byte {
	out := []byte{}
	for i := 0; i < len(chars); i++ {
		r := rune(chars[i])
		if utf16.IsSurrogate(r) {
			if i+1 < len(chars) {
				r = utf16.DecodeRune(r, rune(chars[i+1]))
			}
			if utf16.IsSurrogate(r) || r == utf8.RuneError {
				r = '?'
			} else {
				i++
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}
