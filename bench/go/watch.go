package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

const watchLimit = 2 * time.Minute

// watched counts deliveries a second, from the first write until the last watcher has the last event. Watchers and writers have connections of their own.
func watched(ctx context.Context, config *rest.Config, writer kubernetes.Interface, ns string, size Size) (Figure, error) {
	ctx, cancel := context.WithTimeout(ctx, watchLimit)
	defer cancel()
	list, err := writer.CoreV1().ConfigMaps(ns).List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return Figure{}, err
	}
	reader, err := clientOf(rest.CopyConfig(config))
	if err != nil {
		return Figure{}, err
	}
	var wait sync.WaitGroup
	missing := make(chan int, size.Watchers)
	for range size.Watchers {
		stream, err := reader.CoreV1().ConfigMaps(ns).Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion})
		if err != nil {
			return Figure{}, err
		}
		wait.Go(func() {
			defer stream.Stop()
			left := size.Writes
			for left > 0 {
				if _, open := <-stream.ResultChan(); !open {
					break
				}
				left--
			}
			missing <- left
		})
	}
	start := time.Now()
	_, err = load(ctx, size.Workers, size.Writes, func(ctx context.Context, i int) error {
		_, err := writer.CoreV1().ConfigMaps(ns).Create(ctx, configMapOf(fmt.Sprintf("watched-%d", i)), metav1.CreateOptions{})
		return err
	})
	if err != nil {
		return Figure{}, err
	}
	wait.Wait()
	seconds := time.Since(start).Seconds()
	close(missing)
	for left := range missing {
		if left > 0 {
			return Figure{}, fmt.Errorf("a watch ended %d events early", left)
		}
	}
	return Figure{PerSecond: float64(size.Watchers*size.Writes) / seconds}, nil
}
