package store

import "encoding/binary"

// A stored partition or range tombstone:
//
//	version(1) flags(1) timestamp(8) local(8), little endian
const deletionLen = 18

// deletionSwept: the background sweep has removed what lay under the
// tombstone when it was made, so only gc_grace is waited for.
const deletionSwept = 1

func appendDeletion(dst []byte, d Deletion, flags byte) []byte {
	dst = append(dst, formatVersion, flags)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(d.Timestamp))
	return binary.LittleEndian.AppendUint64(dst, uint64(d.LocalTime))
}

func decodeDeletion(b []byte) (d Deletion, flags byte, err error) {
	if len(b) != deletionLen || b[0] != formatVersion {
		return d, 0, corruptf("tombstone of %d bytes", len(b))
	}
	d.Timestamp = int64(binary.LittleEndian.Uint64(b[2:]))
	d.LocalTime = int64(binary.LittleEndian.Uint64(b[10:]))
	return d, b[1], nil
}

// mergeDeletions appends the later of two stored tombstones.
func mergeDeletions(dst, a, b []byte) ([]byte, error) {
	da, fa, err := decodeDeletion(a)
	if err != nil {
		return dst, err
	}
	db, fb, err := decodeDeletion(b)
	if err != nil {
		return dst, err
	}
	switch {
	case da.supersedes(db):
		return append(dst, a...), nil
	case db.supersedes(da):
		return append(dst, b...), nil
	}
	return appendDeletion(dst, da, fa&fb), nil
}
