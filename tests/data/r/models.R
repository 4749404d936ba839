# Makes models.csv: what R gives for the models of tests/study. Run by hand:
#   Rscript models.R > models.csv 2> /dev/null
# Made with R 4.2.2, pROC 1.18.0, lme4 1.1-31, ordinal 2022.11-16, sandwich 3.0-2 (Debian 12).
suppressMessages({library(pROC); library(lme4); library(ordinal); library(sandwich)})
say <- function(name, ...) {
  for (i in seq_along(c(...))) cat(sprintf("%s,%d,%.17g\n", name, i, c(...)[i]))
}
cat("name,place,value\n")

spray <- function(s) InsectSprays$count[InsectSprays$spray %in% s]
delong <- function(negative, positive) {
  r <- roc(controls = negative, cases = positive, direction = "<", quiet = TRUE)
  ci <- ci.auc(r, method = "delong")
  c(ci[2], ci[1], ci[3], var(r, method = "delong"))
}
say("auc E D", delong(spray("E"), spray("D")))
say("auc D A", delong(spray("D"), spray("A")))
say("auc CDE A", delong(spray(c("C", "D", "E")), spray("A")))
say("auc A BF", delong(spray("A"), spray(c("B", "F"))))
r <- roc(controls = spray("E"), cases = spray("D"), direction = "<", quiet = TRUE)
at <- coords(r, x = c(1.5, 4.5, 5.5), input = "threshold", ret = c("sensitivity", "specificity"))
say("curve E D", at$sensitivity, at$specificity)
say("exact 9 12", binom.test(9, 12)$conf.int)
say("exact 12 12", binom.test(12, 12)$conf.int)

# R's dataset Orange: circumference of five trees at seven ages.
m <- lmer(circumference ~ age + (1 | Tree), Orange, REML = TRUE)
v <- as.data.frame(VarCorr(m))$vcov
say("mixed orange", fixef(m), sqrt(diag(as.matrix(vcov(m)))), v)
# Blocks that do not differ: the variance between them is 0.
d <- transform(InsectSprays, block = rep(1:12, 6), place = as.integer(spray))
m <- suppressMessages(lmer(count ~ place + (1 | block), d, REML = TRUE))
v <- as.data.frame(VarCorr(m))$vcov
say("mixed insects", fixef(m), sqrt(diag(as.matrix(vcov(m)))), v)
# Proportional odds of three classes by age, robust errors by tree.
d <- transform(Orange, y = as.integer(cut(circumference, c(0, 80, 140, 999))), x = age / 1000)
d$y[c(3, 11, 19, 27, 35)] <- c(3, 1, 3, 1, 1)
m <- clm(factor(y) ~ x, data = d, gradTol = 1e-12)
robust <- vcovCL(m, cluster = as.integer(as.character(d$Tree)), type = "HC0")
say("ordinal orange", unname(coef(m)), sqrt(diag(robust)))

# Holm.
say("holm", p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"))

# Hanley & McNeil 1982 and Bonett 2002, written out.
hanley <- function(a, p, n) {
  q1 <- a / (2 - a); q2 <- 2 * a^2 / (1 + a)
  sqrt((a * (1 - a) + (p - 1) * (q1 - a^2) + (n - 1) * (q2 - a^2)) / (p * n))
}
say("hanley", hanley(0.893, 51, 58), hanley(0.65, 50, 450), hanley(0.9, 39, 6))
fewest <- function(a, w, share) {
  n <- 2:5000
  p <- pmin(pmax(round(n * share), 1), n - 1)
  n[which(2 * qnorm(0.975) * hanley(a, p, n - p) <= w)[1]]
}
say("fewest", fewest(0.85, 0.2, 0.5), fewest(0.85, 0.2, 0.87), fewest(0.65, 0.1, 0.1))

# Net benefit (Vickers & Elkin 2006) of counts as probabilities of the sprays A, B and F.
p <- InsectSprays$count / 30
event <- InsectSprays$spray %in% c("A", "B", "F")
for (t in c(0.1, 0.3, 0.5)) {
  act <- p >= t
  table <- table(factor(act, c(FALSE, TRUE)), factor(event, c(FALSE, TRUE)))
  all <- mean(event) - (1 - mean(event)) * t / (1 - t)
  say(paste("net benefit", t), table[2, 2] / 72 - table[2, 1] / 72 * t / (1 - t), all)
}
