package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Size says how much is done.
type Size struct {
	Pods, Workers, Watchers, Writes, Warm int
	Keep                                  bool
	Only                                  []string
	Pids                                  Pids
}

// Figure is one result: PerSecond for rates (with the latency of single requests), Ms for durations.
type Figure struct {
	PerSecond float64 `json:"perSecond,omitempty"`
	Ms        float64 `json:"ms,omitempty"`
	P50       float64 `json:"p50,omitempty"`
	P99       float64 `json:"p99,omitempty"`
	// CPUMs is what one request, list or delivery took of the server's processors, where its processes are known.
	CPUMs float64 `json:"cpuMs,omitempty"`
}

// load runs one(0) … one(total-1), some of them at a time. The first error ends it.
func load(ctx context.Context, workers, total int, one func(ctx context.Context, index int) error) (Figure, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	times := make([]time.Duration, total)
	var next atomic.Int64
	var wait sync.WaitGroup
	start := time.Now()
	for range min(workers, total) {
		wait.Go(func() {
			for index := int(next.Add(1)) - 1; index < total && ctx.Err() == nil; index = int(next.Add(1)) - 1 {
				from := time.Now()
				if err := one(ctx, index); err != nil {
					cancel(err)
				}
				times[index] = time.Since(from)
			}
		})
	}
	wait.Wait()
	seconds := time.Since(start).Seconds()
	if err := context.Cause(ctx); err != nil {
		return Figure{}, err
	}
	slices.Sort(times)
	at := func(share float64) float64 { return float64(times[int(float64(total-1)*share)].Microseconds()) / 1000 }
	return Figure{PerSecond: float64(total) / seconds, P50: at(0.5), P99: at(0.99)}, nil
}

// median of a few durations, in milliseconds.
func median(times []time.Duration) Figure {
	slices.Sort(times)
	return Figure{Ms: float64(times[len(times)/2].Microseconds()) / 1000}
}
