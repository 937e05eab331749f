package harness

import (
	"os/exec"
	"runtime"
	"syscall"
)

// StartProcess starts c so that it ends with this process, however that ends: a
// test that takes too long is killed by `go test`, and runs no cleanup. ended is
// closed once c has ended; wait, if not nil, gets what c.Wait returned before that.
func StartProcess(c *exec.Cmd, wait func(error)) (ended <-chan struct{}, err error) {
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	endWithParent(c.SysProcAttr)
	started, done := make(chan error), make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // to Linux the parent is the thread, which so stays as long as c
		err := c.Start()
		started <- err
		if err != nil {
			return
		}
		if err = c.Wait(); wait != nil {
			wait(err)
		}
	}()
	return done, <-started
}
