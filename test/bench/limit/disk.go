package limit

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Fdatasync is how many times a second 4 KiB can be made durable in dir. They overwrite a file, as a log
// written into space that was reserved before: when a file grows, its file system syncs more than the data.
func Fdatasync(ctx context.Context, dir string, d time.Duration) (float64, error) {
	const size, block = 16 << 20, 4096
	f, err := os.Create(filepath.Join(dir, "fdatasync"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := reserve(f, size); err != nil {
		return 0, err
	}
	buf := make([]byte, block)
	start, n := time.Now(), 0
	for ; n == 0 || time.Since(start) < d; n++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if _, err := f.WriteAt(buf, int64(n)*block%size); err != nil {
			return 0, err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

// reserve writes size zeros at the file's start, and goes back there.
func reserve(f *os.File, size int) error {
	if _, err := f.Write(make([]byte, size)); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	_, err := f.Seek(0, io.SeekStart)
	return err
}
