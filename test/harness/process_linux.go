package harness

import "syscall"

// endWithParent has the system kill the process when its parent has ended.
func endWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
