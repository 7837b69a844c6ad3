#include "libs/base/bounded_queue.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pdp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(BoundedQueueTest, RefusesWhatIsOverTheLimitAndKeepsOrder) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.TryPush(1));
  EXPECT_TRUE(queue.TryPush(2));
  EXPECT_FALSE(queue.TryPush(3));
  EXPECT_THAT(queue.PopUpTo(10, absl::ZeroDuration()), ElementsAre(1, 2));
  EXPECT_TRUE(queue.TryPush(3));
}

TEST(BoundedQueueTest, CloseRefusesNewItemsAndLetsTheOldOnesOut) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.TryPush(1));
  queue.Close();
  EXPECT_FALSE(queue.TryPush(2));
  EXPECT_THAT(queue.PopUpTo(1, absl::InfiniteDuration()), ElementsAre(1));
  EXPECT_THAT(queue.PopUpTo(1, absl::InfiniteDuration()), IsEmpty());
}

TEST(BoundedQueueTest, AWaitingProducerGoesOnWhenThereIsRoom) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.TryPush(1));
  std::thread producer([&] { EXPECT_TRUE(queue.Push(2)); });
  std::vector<int> seen;
  while (seen.size() < 2) {
    for (int item : queue.PopUpTo(1, absl::InfiniteDuration())) seen.push_back(item);
  }
  producer.join();
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

}  // namespace
}  // namespace pdp
