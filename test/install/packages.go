package install

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// inTest is a path below the module of the tests.
func inTest(path ...string) string {
	return filepath.Join(append([]string{harness.Root(), "test"}, path...)...)
}

// NPM installs the packages of a folder with a package-lock.json, named from
// the module of the tests, and returns the folder.
func NPM(ctx context.Context, folder string) (string, error) {
	dir := inTest(folder)
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return "", err
	}
	name := "npm-" + strings.ReplaceAll(folder, "/", "-")
	return dir, settled(name, lock, filepath.Join(dir, "node_modules"), func() error {
		return run(ctx, dir, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	})
}

// Python makes a Python environment with the packages that the drivers' tests
// require, and returns its directory.
func Python(ctx context.Context) (string, error) {
	list := inTest("drivers", "python", "requirements.txt")
	inputs, err := os.ReadFile(list)
	if err != nil {
		return "", err
	}
	dir := at("venv")
	python := filepath.Join(dir, "bin", "python")
	return dir, settled("venv", inputs, python, func() error {
		if err := run(ctx, inTest(), "python3", "-m", "venv", "--clear", dir); err != nil {
			return err
		}
		return run(ctx, inTest(), python, "-m", "pip", "install", "--quiet", "-r", list)
	})
}

// Jars fetches what the pom.xml of a folder, named from the module of the
// tests, depends on, and returns the directory that they are all in.
func Jars(ctx context.Context, folder string) (string, error) {
	pom := inTest(folder, "pom.xml")
	inputs, err := os.ReadFile(pom)
	if err != nil {
		return "", err
	}
	name := "jars-" + strings.ReplaceAll(folder, "/", "-")
	dir := at(name)
	return dir, settled(name, inputs, dir, func() error {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		// Two Mavens at a time are no good to their common repository.
		return locked("maven", func() error {
			return run(ctx, inTest(), "mvn", "-q", "-B", "-Dstyle.color=never", "-Dmaven.wagon.http.retryHandler.count=5", "-Dmaven.wagon.rto=60000",
				"-f", pom, "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+dir)
		})
	})
}

// folders are those with packages of npm, and with dependencies of Maven.
var (
	npmFolders = []string{"e2e", "drivers/node", "drivers/grpc/node"}
	jarFolders = []string{"cassandra", "drivers/java", "drivers/grpc/java"}
)

// All installs all of it, side by side.
func All(ctx context.Context) error {
	var steps []func() error
	for _, folder := range npmFolders {
		steps = append(steps, func() error { _, err := NPM(ctx, folder); return err })
	}
	for _, folder := range jarFolders {
		steps = append(steps, func() error { _, err := Jars(ctx, folder); return err })
	}
	steps = append(steps, func() error { _, err := Python(ctx); return err })
	results := make(chan error)
	for _, step := range steps {
		go func() { results <- step() }()
	}
	var errs []error
	for range steps {
		errs = append(errs, <-results)
	}
	return errors.Join(errs...)
}
