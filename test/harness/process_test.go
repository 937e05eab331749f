//go:build linux

package harness

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStartProcess: a process ends with who started it, though that is killed. It
// plays the one who starts itself.
func TestStartProcess(t *testing.T) {
	if os.Getenv("HARNESS_PARENT") != "" {
		c := exec.Command("sleep", "600")
		if _, err := StartProcess(c, nil); err != nil {
			t.Fatal(err)
		}
		fmt.Println("child", c.Process.Pid)
		time.Sleep(10 * time.Minute)
	}
	parent := exec.Command(os.Args[0], "-test.run=^TestStartProcess$")
	parent.Env = append(os.Environ(), "HARNESS_PARENT=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	ended, err := StartProcess(parent, nil)
	if err != nil {
		t.Fatal(err)
	}
	var child int
	for lines := bufio.NewScanner(out); child == 0 && lines.Scan(); {
		if pid, ok := strings.CutPrefix(lines.Text(), "child "); ok {
			if child, err = strconv.Atoi(pid); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	if child == 0 {
		t.Fatal("there was no child")
	}
	for deadline := time.Now().Add(time.Minute); alive(child); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = syscall.Kill(child, syscall.SIGKILL)
			t.Fatal("the child lives on")
		}
	}
}

// alive reports whether a process runs; one that has ended may wait for somebody
// to ask how.
func alive(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}
