package load

import (
	"context"
	"sync/atomic"
)

const fillClients = 128

// Fill makes n users with two access keys each, named UserName(prefix, i), and counts them up in done.
func Fill(ctx context.Context, t Target, prefix string, n int, done *atomic.Int64) error {
	workers, err := newWorkers(t, fillClients)
	if err != nil {
		return err
	}
	defer closeAll(workers)
	var next atomic.Int64
	return each(ctx, workers, func(w *worker) (bool, error) {
		i := int(next.Add(1)) - 1
		if i >= n {
			return false, nil
		}
		name := UserName(prefix, i)
		if _, err := w.call(CreateUser, name); err != nil {
			return false, err
		}
		for range keysPerUser {
			if _, err := w.call(CreateAccessKey, name); err != nil {
				return false, err
			}
		}
		done.Add(1)
		return true, nil
	})
}
