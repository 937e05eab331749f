package index

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The values of the option similarity_function, the default first
// (org.apache.cassandra.index.sai.disk.v1.IndexWriterConfig).
const (
	SimilarityOption = "similarity_function"
	Cosine           = "COSINE"
	Euclidean        = "EUCLIDEAN"
	DotProduct       = "DOT_PRODUCT"
)

// similarity is how a vector index compares. It is immutable.
type similarity struct{ function string }

func newSimilarity(ix *schema.Index) *similarity {
	if f := ix.Options[SimilarityOption]; f != "" {
		return &similarity{strings.ToUpper(f)}
	}
	return &similarity{Cosine}
}

// Score tells how close two vectors of floats of the same dimension are, wire
// bytes: the greater the closer (VectorSimilarityFunction).
func (ix *Index) Score(a, b []byte) float64 {
	switch ix.vector.function {
	case Euclidean:
		return 1 / (1 + squareDistance(a, b))
	case DotProduct:
		return (1 + dot(a, b)) / 2
	}
	return (1 + dot(a, b)/math.Sqrt(dot(a, a)*dot(b, b))) / 2
}

// CheckQuery refuses a vector that nothing can be close to, as Cassandra does.
func (ix *Index) CheckQuery(v []byte) error { return ix.vector.check(v, cqlerr.ReadFailure) }

// checkWrite refuses to write such a vector.
func (s *similarity) checkWrite(v []byte) error { return s.check(v, cqlerr.WriteFailure) }

// check is VectorIndex's validation of values: floats that are no numbers, and
// for cosine vectors without a direction. Cassandra finds that on the replica, which
// does not tell its reason.
func (s *similarity) check(v []byte, code cqlerr.Code) error {
	zero := true
	for i := range len(v) / 4 {
		f := float64(floatAt(v, i))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return unknownFailure(code)
		}
		zero = zero && f == 0
	}
	if zero && s.function == Cosine {
		return unknownFailure(code)
	}
	return nil
}

// unknownFailure is what a coordinator answers when its one replica failed.
func unknownFailure(code cqlerr.Code) error {
	const replica = "127.0.0.1"
	return &cqlerr.Error{
		Code:     code,
		Message:  "Operation failed - received 0 responses and 1 failures: UNKNOWN from /" + replica + ":7000",
		BlockFor: 1, Failures: map[string]uint16{replica: 0},
	}
}

func floatAt(v []byte, i int) float32 { return math.Float32frombits(binary.BigEndian.Uint32(v[4*i:])) }

func dot(a, b []byte) (s float64) {
	for i := range min(len(a), len(b)) / 4 {
		s += float64(floatAt(a, i)) * float64(floatAt(b, i))
	}
	return s
}

func squareDistance(a, b []byte) (s float64) {
	for i := range min(len(a), len(b)) / 4 {
		d := float64(floatAt(a, i)) - float64(floatAt(b, i))
		s += d * d
	}
	return s
}
