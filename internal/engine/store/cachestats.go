package store

// CacheStats is what a cache holds, and how often it was asked since the start.
type CacheStats struct {
	Capacity, Size int64 // bytes
	Entries        int
	Hits, Requests int64
}

// RowCacheStats is about the cache of whole rows.
func (s *Store) RowCacheStats() CacheStats {
	var all CacheStats
	for i := range s.rows {
		shard := &s.rows[i]
		shard.mu.Lock()
		all.Capacity += 2 * int64(shard.limit)
		all.Size += int64(len(shard.young.rows) + len(shard.old.rows))
		all.Entries += len(shard.young.index) + len(shard.old.index)
		all.Hits += shard.hits
		all.Requests += shard.requests
		shard.mu.Unlock()
	}
	return all
}

// BlockCacheStats is about the cache of files' blocks.
func (s *Store) BlockCacheStats() CacheStats {
	if s.enter() != nil {
		return CacheStats{} // it is closed
	}
	defer s.leave()
	m := s.db.Metrics().BlockCache
	return CacheStats{Capacity: s.blockCache, Size: m.Size, Entries: int(m.Count), Hits: m.Hits, Requests: m.Hits + m.Misses}
}
