package store

import (
	"fmt"
	"hash/fnv"
	"slices"
)

// Fingerprint is a short text that changes when the directory was written to:
// by a commit, and already by being opened other than ReadOnly.
func (s *Store) Fingerprint() (string, error) {
	names, err := s.disk.fs.List(s.disk.dir)
	if err != nil {
		return "", fmt.Errorf("store: %w", err)
	}
	slices.Sort(names)
	h := fnv.New128a()
	for _, name := range names {
		info, err := s.disk.fs.Stat(s.disk.fs.PathJoin(s.disk.dir, name))
		if err != nil {
			return "", fmt.Errorf("store: %w", err)
		}
		fmt.Fprintf(h, "%s %d\n", name, info.Size())
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
