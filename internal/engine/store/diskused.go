package store

// DiskUsed is how much of the data directory's disk is in use, in percent, as
// df counts it: of what users may fill.
func (s *Store) DiskUsed() (int64, error) {
	usage, err := s.disk.fs.GetDiskUsage(s.disk.dir)
	if err != nil || usage.UsedBytes+usage.AvailBytes == 0 {
		return 0, err
	}
	return int64(float64(usage.UsedBytes) / float64(usage.UsedBytes+usage.AvailBytes) * 100), nil
}
