// Package memory tells how much memory this process has to work with.
package memory

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

// assumedMemory is taken where the machine does not tell.
const assumedMemory = 2 << 30

// Total is the memory this process may use, in bytes: the machine's, or
// the limit of its control group.
func Total() int64 {
	total := int64(assumedMemory)
	if f, err := os.Open("/proc/meminfo"); err == nil {
		defer f.Close()
		for sc := bufio.NewScanner(f); sc.Scan(); {
			if fields := strings.Fields(sc.Text()); len(fields) >= 2 && fields[0] == "MemTotal:" {
				if kb, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
					total = kb << 10
				}
				break
			}
		}
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(path); err == nil {
			if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit > 0 {
				total = min(total, limit)
			}
		}
	}
	return total
}
