package store

import "bytes"

func appendMetaKey(dst, name []byte) []byte { return append(append(dst, spaceMeta), name...) }

// GetMeta returns a copy of a named value, nil when there is none (an empty
// value is not nil).
func (r *Reader) GetMeta(name []byte) ([]byte, error) {
	var value []byte
	err := r.ScanMeta(name, func(n, v []byte) error {
		if len(n) == len(name) {
			value = append([]byte{}, v...)
		}
		return errStop
	})
	return value, err
}

// ScanMeta calls f for each named value whose name starts with prefix, in
// order; the slices are valid during the call. An error of f ends it.
func (r *Reader) ScanMeta(prefix []byte, f func(name, value []byte) error) error {
	it, err := r.acquire()
	if err != nil {
		return err
	}
	defer r.release(it)
	start := appendMetaKey(nil, prefix)
	for ok := it.SeekGE(start); ok && bytes.HasPrefix(it.Key(), start); ok = it.Next() {
		v, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		if err := f(it.Key()[1:], v); err == errStop {
			return nil
		} else if err != nil {
			return err
		}
	}
	return it.Error()
}
