package store

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// TestIndexKeys: keys of index entries come back, stand in the order of the
// table, and begin with the key of their partition, which stands before them.
func TestIndexKeys(t *testing.T) {
	l := &Layout{ID: 1, Clustering: []ClusteringColumn{{Type: cqltype.TypeInt, Desc: true}, {Type: cqltype.TypeText}}}
	partitions := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 0xff}), 1, 4)
	row := rapid.Custom(func(t *rapid.T) [][]byte {
		return [][]byte{intBytes(rapid.IntRange(-2, 2).Draw(t, "c1")), partitions.Draw(t, "c2")}
	})
	rapid.Check(t, func(t *rapid.T) {
		p, q := partitions.Draw(t, "p"), partitions.Draw(t, "q")
		a, b := row.Draw(t, "a"), row.Draw(t, "b")
		ka, kb := AppendIndexKey(nil, p, l, a), AppendIndexKey(nil, q, l, b)
		ra := appendClustering(append(appendPartition(nil, 1, cqltype.Token(p), p), kindRow), l, a)
		rb := appendClustering(append(appendPartition(nil, 1, cqltype.Token(q), q), kindRow), l, b)
		if bytes.Compare(ka, kb) != bytes.Compare(ra, rb) {
			t.Fatalf("%x and %x are of rows %x and %x", ka, kb, ra, rb)
		}
		var k IndexKey
		if err := k.Parse(l, ka); err != nil || !bytes.Equal(k.Partition, p) || !bytes.Equal(k.Clustering[0], a[0]) || !bytes.Equal(k.Clustering[1], a[1]) {
			t.Fatalf("%x came back as %x %x: %v", ka, k.Partition, k.Clustering, err)
		}
		whole := AppendIndexKey(nil, p, l, nil)
		if !bytes.Equal(IndexKeyPartition(ka), whole) || bytes.Compare(whole, ka) >= 0 || IndexKeyToken(ka) != cqltype.Token(p) {
			t.Fatalf("%x is not of partition %x", ka, whole)
		}
		if err := k.Parse(l, whole); err != nil || !bytes.Equal(k.Partition, p) || k.Clustering != nil {
			t.Fatalf("%x came back as %x %x: %v", whole, k.Partition, k.Clustering, err)
		}
	})
}

// FuzzIndexKey: no bytes make Parse panic, and what it takes is what
// AppendIndexKey makes, up to the token.
func FuzzIndexKey(f *testing.F) {
	l := &Layout{ID: 1, Clustering: []ClusteringColumn{{Type: cqltype.TypeInt, Desc: true}, {Type: cqltype.TypeText}}}
	f.Add(AppendIndexKey(nil, []byte("p"), l, [][]byte{intBytes(1), []byte("c")}))
	f.Add(AppendIndexKey(nil, []byte{0, 1}, l, nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, key []byte) {
		var k IndexKey
		if k.Parse(l, key) != nil {
			return
		}
		if again := AppendIndexKey(nil, k.Partition, l, k.Clustering); !bytes.Equal(again[8:], key[8:]) {
			t.Errorf("%x came back as %x", key, again)
		}
	})
}
