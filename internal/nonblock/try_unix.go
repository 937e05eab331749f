//go:build unix

package nonblock

import "syscall"

// try writes once and tells RawConn not to wait for more.
func (w *Writer) try(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), w.b)
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return true
		case nil:
			w.n = n
			return true
		}
		w.err = err
		return true
	}
}
