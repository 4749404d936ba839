# Makes intervals.csv: what R gives for the intervals of tests/study. Run by hand:
#   Rscript intervals.R > intervals.csv
# Made with R 4.2.2 (Debian 12), base packages only.
say <- function(name, ...) {
  for (i in seq_along(c(...))) cat(sprintf("%s,%d,%.17g\n", name, i, c(...)[i]))
}
cat("name,place,value\n")

# Kendall's tau-b with ties and groups: leave one out, Fisher's z, Student's t.
jackknife <- function(value, left) {
  n <- length(left)
  se <- sqrt((n - 1) / n * sum((left - mean(left))^2)) / (1 - value^2)
  tanh(atanh(value) + c(-1, 1) * qt(0.975, n - 1) * se)
}
tau <- function(x, y) cor(x, y, method = "kendall")
hundal <- c(40, 35, 38, 43, 44, 41, 38, 40, 47, 44, 40, 42, 48, 40, 45, 43, 46, 44)
group <- rep(1:3, each = 6)
say("tau hundal", tau(group, hundal),
    jackknife(tau(group, hundal), sapply(1:18, function(i) tau(group[-i], hundal[-i]))))
say("tau insects", tau(as.integer(InsectSprays$spray), InsectSprays$count),
    jackknife(tau(as.integer(InsectSprays$spray), InsectSprays$count), sapply(1:72, function(i)
      tau(as.integer(InsectSprays$spray)[-i], InsectSprays$count[-i]))))
# Whole patients left out: six of the sprays' rows belong to one of twelve blocks.
block <- rep(1:12, 6)
say("tau blocks", tau(as.integer(InsectSprays$spray), InsectSprays$count),
    jackknife(tau(as.integer(InsectSprays$spray), InsectSprays$count), sapply(1:12, function(b)
      tau(as.integer(InsectSprays$spray)[block != b], InsectSprays$count[block != b]))))

# Limits of agreement: quantiles of the noncentral t by R's own algorithm (Lenth 1989).
for (n in c(3, 10, 17, 30, 85)) {
  say(paste("limit", n), qt(c(0.025, 0.975), n - 1, 1.96 * sqrt(n)) / sqrt(n))
}

# Cliff's delta: Newcombe's equation solved by uniroot.
newcombe <- function(x, y) {
  m <- length(x); n <- length(y)
  theta <- (sum(outer(x, y, "<")) + sum(outer(x, y, "==")) / 2) / (m * n)
  k <- (m + n) / 2 - 1; z <- qnorm(0.975)
  f <- function(t) (theta - t) / sqrt(t * (1 - t) * (1 + k * ((1 - t) / (2 - t) + t / (1 + t))) / (m * n))
  end <- function(q, a, b) uniroot(function(t) f(t) - q, c(a, b), tol = 1e-14)$root
  e <- 1e-12
  2 * c(theta, if (theta == 0) 0 else end(z, e, 1 - e), if (theta == 1) 1 else end(-z, e, 1 - e)) - 1
}
spray <- function(s) InsectSprays$count[InsectSprays$spray == s]
say("delta A F", newcombe(spray("A"), spray("F")))
say("delta C B", newcombe(spray("C"), spray("B")))
say("delta D E", newcombe(spray("D"), spray("E")))

# Eta squared and epsilon squared of ranks: the jackknife inside the groups (a value's weight goes to
# the others of its group) of Fisher's z of eta; the longer of it and noncentral F while this holds 0.
shares <- function(y, g) {
  a <- anova(lm(y ~ factor(g)))
  f <- a$"F value"[1]; d <- a$Df; n <- length(y)
  end <- function(p) {
    g <- function(nc) pf(f, d[1], d[2], nc) - p
    if (g(0) < 0) return(0)
    nc <- uniroot(g, c(0, 1000), tol = 1e-12)$root
    nc / (nc + n)
  }
  ends <- c(end(0.975), end(0.025))
  z <- function(w) {
    d <- data.frame(y, g = factor(g), w)[w > 0, ]
    s <- anova(lm(y ~ g, d, weights = d$w))$"Sum Sq"; atanh(sqrt(s[1] / sum(s)))
  }
  group <- as.integer(factor(g)); sizes <- tabulate(group)
  left <- sapply(1:n, function(i) {
    m <- sizes[group[i]]
    w <- ifelse(group == group[i], m / (m - 1), 1); w[i] <- 0
    z(w)
  })
  part <- tapply(left, group, function(v) (length(v) - 1) / length(v) * sum((v - mean(v))^2))
  whole <- z(rep(1, n))
  middle <- whole - sum((sizes - 1) * (tapply(left, group, mean) - whole))
  df <- sum(part)^2 / sum(part^2 / (sizes - 1))
  found <- tanh(pmax(middle + c(-1, 1) * qt(0.975, df) * sqrt(sum(part)), 0))^2
  if (ends[1] == 0) c(0, max(found[2], ends[2])) else found
}
eta <- function(y, g) { s <- anova(lm(y ~ factor(g)))$"Sum Sq"; c(s[1] / sum(s), shares(y, g)) }
share <- function(y, g)
  c(unname(kruskal.test(y, g)$statistic) / (length(y) - 1), shares(rank(y), g))
say("eta hundal", eta(hundal, group))
say("eta plants", eta(PlantGrowth$weight, PlantGrowth$group))
say("eta insects", eta(InsectSprays$count, InsectSprays$spray))
say("share hundal", share(hundal, group))
say("share plants", share(PlantGrowth$weight, PlantGrowth$group))
say("share insects", share(InsectSprays$count, InsectSprays$spray))

# Median: order statistics of the binomial distribution.
median_ci <- function(x) {
  x <- sort(x); n <- length(x); k <- qbinom(0.025, n, 0.5)
  c(median(x), x[k], x[n - k + 1])
}
say("median insects", median_ci(InsectSprays$count))
say("median plants", median_ci(PlantGrowth$weight))
