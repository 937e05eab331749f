package function

import (
	"encoding/binary"
	"math"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// addVectors adds the similarity functions of float vectors, all from 0 to 1
// for vectors of length 1 (VectorFcts).
func addVectors(r *functions) {
	vector := func(other int) parameter {
		return parameter{ascending: true, text: "vector<float, n>", fromReceiver: true, array: cqltype.TypeFloat, sameAs: other + 1, want: "a float vector argument",
			accepts: func(t *cqltype.Type) bool { return t.Kind == cqltype.Vector && t.Elems[0].Kind == cqltype.Float }}
	}
	add := func(name string, zeros bool, similarity func(a, b []byte) float32) {
		r.addGeneric(&generic{name: name, params: []parameter{vector(1), vector(0)},
			make: func(name string, args []*cqltype.Type, _ *cqltype.Type) (*Function, error) {
				if args[0].Dimension != args[1].Dimension {
					return nil, invalid("All arguments must have the same vector dimensions")
				}
				return strict(name, cqltype.TypeFloat, args, func(args [][]byte) ([]byte, error) {
					if !zeros && (dot(args[0], args[0]) == 0 || dot(args[1], args[1]) == 0) {
						return nil, cqlerr.Invalidf("Function system.%s doesn't support all-zero vectors.", name)
					}
					return cqltype.AppendFloat(nil, similarity(args[0], args[1])), nil
				}), nil
			}})
	}
	add("similarity_cosine", false, func(a, b []byte) float32 {
		return (1 + float32(float64(dot(a, b))/math.Sqrt(float64(dot(a, a)*dot(b, b))))) / 2
	})
	add("similarity_euclidean", true, func(a, b []byte) float32 {
		return 1 / (1 + squareDistance(a, b))
	})
	add("similarity_dot_product", true, func(a, b []byte) float32 {
		return (1 + dot(a, b)) / 2
	})
}

func floatAt(v []byte, i int) float32 {
	return math.Float32frombits(binary.BigEndian.Uint32(v[4*i:]))
}

func dot(a, b []byte) float32 {
	var s float32
	for i := range min(len(a), len(b)) / 4 {
		s += floatAt(a, i) * floatAt(b, i)
	}
	return s
}

func squareDistance(a, b []byte) float32 {
	var s float32
	for i := range min(len(a), len(b)) / 4 {
		d := floatAt(a, i) - floatAt(b, i)
		s += d * d
	}
	return s
}
